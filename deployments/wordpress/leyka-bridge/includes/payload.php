<?php
/**
 * A donation as the receiver sees it, read straight from the post tables.
 *
 * Neither Leyka's objects nor the object cache are asked: both may still show what was true before a status hook.
 *
 * @package LeykaBridge
 */

namespace LeykaBridge;

defined( 'ABSPATH' ) || exit;

const SCHEMA        = 1;
const DONATION_TYPE = 'leyka_donation';
const UTC_FORMAT    = 'Y-m-d\TH:i:s\Z';

/** Keys of meta that hold a payment, order or subscription of a gateway; Leyka stores them with and without prefixes. */
const GATEWAY_ID_KEY = '/^_?(?:leyka_)?((?:cp|yandex|tinkoff|mixplat|stripe|sber|rbk|liqpay|payselection|webpay|paypal|pp|chronopay|robokassa|qiwi)_[a-z_]*id)$/';

/**
 * A donation as it is now; null if there is none with this id.
 *
 * @return array<string, mixed>|null
 */
function read_donation( int $id ): ?array {
	$post = read_post( $id );
	if ( null === $post || DONATION_TYPE !== $post->post_type ) {
		return null;
	}
	$meta      = read_meta( $id );
	$is_rebill = 'rebill' === ( $meta['leyka_payment_type'] ?? '' );
	$first_id  = $is_rebill ? ( (int) $post->post_parent ? (int) $post->post_parent : $id ) : null;
	$first     = null === $first_id || $first_id === $id ? $meta : read_meta( $first_id );
	$amount    = $meta['leyka_donation_amount'] ?? 0;
	return array(
		'id'                    => $id,
		'status'                => $post->post_status,
		'created_at'            => post_moment( $post ),
		'payment_type'          => $meta['leyka_payment_type'] ?? 'single',
		'is_subscription_start' => $first_id === $id,
		'subscription_id'       => $first_id,
		'subscription_active'   => $is_rebill ? ! empty( $first['_rebilling_is_active'] ) : null,
		'amount'                => money( $amount ),
		'amount_total'          => money( empty( $meta['leyka_donation_amount_total'] ) ? $amount : $meta['leyka_donation_amount_total'] ),
		'currency'              => strtoupper( $meta['leyka_donation_currency'] ?? '' ),
		'campaign'              => campaign( (int) ( $meta['leyka_campaign_id'] ?? 0 ), $post ),
		'donor'                 => donor( $meta, $post ),
		'additional_fields'     => (object) additional_fields( $meta, $first ),
		'gateway'               => $meta['leyka_gateway'] ?? '',
		'payment_method'        => $meta['leyka_payment_method'] ?? '',
		'gateway_ids'           => (object) gateway_ids( $meta ),
		'error_id'              => 'failed' === $post->post_status && ! empty( $meta['leyka_error_id'] ) ? (string) $meta['leyka_error_id'] : null,
		'status_log'            => status_log( $meta ),
	);
}

/**
 * The body of an event.
 */
function event_body( object $row ): string {
	return to_json(
		array(
			'schema'      => SCHEMA,
			'site'        => site_name(),
			'seq'         => (int) $row->seq,
			'event_id'    => $row->event_id,
			'kind'        => $row->kind,
			'donation_id' => (int) $row->donation_id,
			'old_status'  => $row->old_status,
			'new_status'  => $row->new_status,
			'occurred_at' => gmdate( 'Y-m-d\TH:i:s', intdiv( (int) $row->occurred_at, 1000 ) ) . sprintf( '.%03dZ', $row->occurred_at % 1000 ),
			'donation'    => json_decode( read_payload( $row ) ),
		)
	);
}

/**
 * JSON in UTF-8; what is not UTF-8 is replaced, so that a broken name never stops the queue.
 *
 * @param mixed $value What to write.
 */
function to_json( $value ): string {
	return (string) wp_json_encode( $value, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE );
}

/**
 * A row of the posts, past the object cache.
 */
function read_post( int $id ): ?object {
	global $wpdb;
	return $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$wpdb->posts} WHERE ID = %d", $id ) );
}

/**
 * The meta of a post, the first value of each key, past the object cache.
 *
 * @return array<string, string>
 */
function read_meta( int $id ): array {
	global $wpdb;
	$rows = $wpdb->get_results( $wpdb->prepare( "SELECT meta_key, meta_value FROM {$wpdb->postmeta} WHERE post_id = %d ORDER BY meta_id DESC", $id ) );
	return array_reverse( array_column( $rows, 'meta_value', 'meta_key' ), true );
}

/**
 * When a post was created. WordPress leaves post_date_gmt empty for drafts.
 */
function post_moment( object $post ): string {
	$is_dated = $post->post_date_gmt && '0000-00-00 00:00:00' !== $post->post_date_gmt;
	return $is_dated ? gmdate( UTC_FORMAT, strtotime( $post->post_date_gmt . ' UTC' ) ) : get_gmt_from_date( $post->post_date, UTC_FORMAT );
}

/**
 * A sum with two decimals and a point.
 *
 * @param string|int|float $amount As Leyka stores it.
 */
function money( $amount ): string {
	return number_format( (float) $amount, 2, '.', '' );
}

/**
 * A text without the entities that Leyka and WordPress store it with.
 *
 * @param mixed $text As stored.
 */
function plain( $text ): string {
	return is_scalar( $text ) ? html_entity_decode( stripslashes( (string) $text ), ENT_QUOTES | ENT_HTML5, 'UTF-8' ) : '';
}

/**
 * What the donation is for; id 0 and an empty title if nobody knows.
 *
 * @return array<string, mixed>
 */
function campaign( int $id, object $donation ): array {
	$campaign = $id ? read_post( $id ) : null;
	return array(
		'id'            => $id,
		'title'         => $campaign ? plain( $campaign->post_title ) : '',
		'payment_title' => plain( $donation->post_title ),
	);
}

/**
 * Who donated.
 *
 * @param array<string, string> $meta Of the donation.
 * @return array<string, mixed>
 */
function donor( array $meta, object $post ): array {
	return array(
		'name'    => plain( $meta['leyka_donor_name'] ?? '' ),
		'email'   => $meta['leyka_donor_email'] ?? '',
		'comment' => plain( $meta['leyka_donor_comment'] ?? '' ),
		'user_id' => (int) $post->post_author ? (int) $post->post_author : null,
	);
}

/**
 * What the form asked besides. Only the first donation of a subscription comes from a form: its charges take over.
 *
 * @param array<string, string> $meta  Of the donation.
 * @param array<string, string> $first Of the first donation of its subscription.
 * @return array<string, string>
 */
function additional_fields( array $meta, array $first ): array {
	$own    = stored_array( $meta['leyka_additional_fields'] ?? '' );
	$fields = array_map( __NAMESPACE__ . '\plain', $own ? $own : stored_array( $first['leyka_additional_fields'] ?? '' ) );
	// A donor by SMS leaves nothing but this number.
	$phone = $meta['_leyka_mixplat_phone'] ?? $meta['mixplat_phone'] ?? '';
	return '' === $phone ? $fields : $fields + array( 'mixplat_phone' => $phone );
}

/**
 * The numbers under which the gateway knows the payment and the subscription.
 *
 * @param array<string, string> $meta Of the donation.
 * @return array<string, string>
 */
function gateway_ids( array $meta ): array {
	$ids = array();
	foreach ( $meta as $key => $value ) {
		if ( preg_match( GATEWAY_ID_KEY, $key, $found ) && '' !== (string) $value ) {
			$ids[ $found[1] ] = $value;
		}
	}
	return $ids;
}

/**
 * The history of the status. Leyka stores the site's wall clock as if it were Unix time.
 *
 * @param array<string, string> $meta Of the donation.
 * @return array<int, array<string, string>>
 */
function status_log( array $meta ): array {
	$log = array();
	foreach ( stored_array( $meta['_status_log'] ?? '' ) as $entry ) {
		$wall_clock = gmdate( 'Y-m-d H:i:s', (int) $entry['date'] );
		$log[]      = array(
			'at'     => get_gmt_from_date( $wall_clock, UTC_FORMAT ),
			'status' => (string) $entry['status'],
		);
	}
	return $log;
}

/**
 * An array from meta, without reviving objects; anything else is an empty one.
 *
 * @return array<mixed>
 */
function stored_array( ?string $stored ): array {
	$value = is_serialized( $stored ) ? unserialize( $stored, array( 'allowed_classes' => false ) ) : array(); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions.serialize_unserialize -- this is how WordPress stores arrays.
	return is_array( $value ) ? $value : array();
}
