<?php
/**
 * Plugin Name: Leyka stand-in
 * Description: For tests: Leyka's post types, and its documented hooks in their documented order, with the same traps.
 * License:     GPL-2.0-or-later
 *
 * @package LeykaBridge
 */

defined( 'ABSPATH' ) || exit;

add_action( 'init', 'stand_in_register' );
add_action( 'transition_post_status', 'stand_in_announce', 10, 3 );

// The site under test stays on its machine: WordPress looks for no updates.
remove_action( 'init', 'wp_schedule_update_checks' );
foreach ( array( '_maybe_update_core', '_maybe_update_plugins', '_maybe_update_themes' ) as $look ) {
	remove_action( 'admin_init', $look );
}

function stand_in_register() {
	register_post_type( 'leyka_donation', array( 'public' => false ) );
	register_post_type( 'leyka_campaign', array( 'public' => true ) );
	foreach ( array( 'submitted', 'funded', 'refunded', 'failed' ) as $status ) {
		register_post_status( $status, array( 'internal' => true ) );
	}
}

// Leyka announces a donation while WordPress is still inserting it.
function stand_in_announce( $new, $old, $post ) {
	if ( 'leyka_donation' === $post->post_type && 'new' === $old ) {
		do_action( 'leyka_new_donation_added', $post->ID );
	}
}

function stand_in_campaign( $title = 'Сбор на обучение' ) {
	return wp_insert_post( array( 'post_type' => 'leyka_campaign', 'post_status' => 'publish', 'post_title' => $title ) );
}

// What the form or a gateway's callback asks Leyka to add. Meta in the forms in which Leyka stores it.
function stand_in_add( array $given = array() ) {
	$given += array(
		'status'   => 'submitted',
		'type'     => 'single',
		'name'     => 'Anonymous',
		'email'    => '',
		'comment'  => '',
		'amount'   => 0,
		'total'    => null,
		'currency' => 'rub',
		'campaign' => 0,
		'title'    => '',
		'fields'   => array(),
		'ids'      => array(),
		'parent'   => 0,
		'date'     => '',
	);
	$meta = array(
		'leyka_donation_amount'   => $given['amount'],
		'leyka_donation_currency' => $given['currency'],
		'leyka_payment_type'      => $given['type'],
		'leyka_donor_name'        => htmlentities( $given['name'], ENT_QUOTES, 'UTF-8' ),
		'leyka_donor_email'       => $given['email'],
		'leyka_gateway'           => 'cp',
		'leyka_payment_method'    => 'card',
		'leyka_campaign_id'       => (string) $given['campaign'],
		'_status_log'             => array( array( 'date' => current_time( 'timestamp' ), 'status' => $given['status'] ) ),
	);
	if ( null !== $given['total'] ) {
		$meta['leyka_donation_amount_total'] = $given['total'];
	}
	if ( $given['comment'] ) {
		$meta['leyka_donor_comment'] = $given['comment'];
	}
	if ( $given['fields'] ) {
		$meta['leyka_additional_fields'] = $given['fields'];
	}
	remove_all_actions( 'save_post_leyka_donation' );
	$id = wp_insert_post(
		array(
			'post_type'   => 'leyka_donation',
			'post_status' => $given['status'],
			'post_title'  => $given['title'],
			'post_date'   => $given['date'],
			'post_name'   => uniqid( 'donation-', true ),
			'post_parent' => $given['parent'],
			'post_author' => 0,
			'meta_input'  => $meta,
		)
	);
	do_action( 'leyka_cp_add_donation_specific_data', $id, $given );
	foreach ( $given['ids'] as $key => $value ) {
		update_post_meta( $id, $key, $value );
	}
	return $id;
}

// Not through wp_update_post; the log and the donor's account come after the hooks, the error is forgotten last.
function stand_in_status( $id, $status ) {
	global $wpdb;
	$post = new WP_Post( $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$wpdb->posts} WHERE ID = %d", $id ) ) );
	$old  = $post->post_status;
	if ( $old === $status ) {
		return;
	}
	$wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->posts} SET post_status = %s WHERE ID = %d", $status, $id ) );
	$post->post_status = $status;
	do_action( "leyka_donation_status_{$old}_to_{$status}", $post );
	wp_transition_post_status( $status, $old, $post );
	if ( 'funded' === $old || 'funded' === $status ) {
		do_action( 'leyka_donation_funded_status_changed', $id, $old, $status );
	}
	$log   = (array) get_post_meta( $id, '_status_log', true );
	$log[] = array( 'date' => current_time( 'timestamp' ), 'status' => $status );
	update_post_meta( $id, '_status_log', $log );
	if ( 'failed' !== $status ) {
		delete_post_meta( $id, 'leyka_error_id' );
	}
	if ( 'funded' === $status ) {
		stand_in_account( $id );
	}
}

function stand_in_account( $id ) {
	global $wpdb;
	$email = get_post_meta( $id, 'leyka_donor_email', true );
	if ( ! $email ) {
		return;
	}
	$user  = get_user_by( 'email', $email );
	$user  = $user ? $user->ID : wp_insert_user( array( 'user_login' => $email, 'user_email' => $email, 'user_pass' => 'secret' ) );
	$wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->posts} SET post_author = %d WHERE ID = %d", $user, $id ) );
	do_action( 'leyka_donor_account_created', $user, $id );
}

// The status hooks run while the error is still unknown.
function stand_in_fail( $id, $error ) {
	stand_in_status( $id, 'failed' );
	update_post_meta( $id, 'leyka_error_id', $error );
}

// The hooks of edits run before the value is written.
function stand_in_edit( $id, $what, $value ) {
	$keys = array(
		'amount'       => 'leyka_donation_amount',
		'total_amount' => 'leyka_donation_amount_total',
		'pm'           => 'leyka_payment_method',
		'campaign'     => 'leyka_campaign_id',
	);
	do_action( "leyka_donation_{$what}_changed", $id, $value );
	update_post_meta( $id, $keys[ $what ], $value );
}

function stand_in_subscription( $id, $is_active ) {
	$parent = wp_get_post_parent_id( $id );
	update_post_meta( $parent ? $parent : $id, '_rebilling_is_active', $is_active );
	do_action( 'leyka_donation_recurring_activity_changed', $id, $is_active );
}

// A charge by CloudPayments: announced empty, filled in and funded in one request.
function stand_in_rebill( $first, array $ids ) {
	global $wpdb;
	$id = stand_in_add( array( 'ids' => array( 'cp_transaction_id' => $ids['cp_transaction_id'] ) ) );
	update_post_meta( $id, 'leyka_payment_type', 'rebill' );
	$wpdb->query(
		$wpdb->prepare(
			"UPDATE {$wpdb->posts} AS charge JOIN {$wpdb->posts} AS origin ON origin.ID = %d
			SET charge.post_parent = origin.ID, charge.post_title = origin.post_title WHERE charge.ID = %d",
			$first,
			$id
		)
	);
	stand_in_edit( $id, 'campaign', get_post_meta( $first, 'leyka_campaign_id', true ) );
	update_post_meta( $id, 'leyka_donor_name', get_post_meta( $first, 'leyka_donor_name', true ) );
	update_post_meta( $id, 'leyka_donor_email', get_post_meta( $first, 'leyka_donor_email', true ) );
	stand_in_edit( $id, 'amount', get_post_meta( $first, 'leyka_donation_amount', true ) );
	stand_in_edit( $id, 'total_amount', get_post_meta( $first, 'leyka_donation_amount_total', true ) );
	update_post_meta( $id, 'cp_recurring_id', $ids['cp_recurring_id'] );
	stand_in_status( $id, 'funded' );
	do_action( 'leyka_new_rebill_donation_added', $id );
	return $id;
}

// Whatever the outbox of the bridge knows happened, or was put off to, so much earlier.
function stand_in_pass_time( $seconds ) {
	global $wpdb;
	$wpdb->query(
		$wpdb->prepare(
			"UPDATE {$wpdb->prefix}leyka_bridge_outbox SET occurred_at = occurred_at - %d * 1000,
			next_attempt_at = IF( next_attempt_at > %d, next_attempt_at - %d, 0 ), delivered_at = delivered_at - %d",
			$seconds,
			$seconds,
			$seconds,
			$seconds
		)
	);
}
