<?php
/**
 * Listens to Leyka and writes what happens into the outbox.
 *
 * Each hook is late (99), yet what it can see is not final: gateways store numbers and errors after the status. So the
 * event is written at once, and frozen when the request ends.
 *
 * @package LeykaBridge
 */

namespace LeykaBridge;

defined( 'ABSPATH' ) || exit;

/**
 * Register with WordPress. Never with save_post_leyka_donation: Leyka removes everybody from it.
 */
function start_listening(): void {
	add_action( 'leyka_new_donation_added', __NAMESPACE__ . '\on_added', 99 );
	add_action( 'transition_post_status', __NAMESPACE__ . '\on_status', 99, 3 );
	add_action( 'leyka_donation_recurring_activity_changed', __NAMESPACE__ . '\on_subscription', 99, 2 );
	add_action( 'leyka_donation_amount_changed', __NAMESPACE__ . '\on_edited', 99 );
	add_action( 'leyka_donation_pm_changed', __NAMESPACE__ . '\on_edited', 99 );
	add_action( 'leyka_donation_campaign_changed', __NAMESPACE__ . '\on_edited', 99 );
	add_action( 'before_delete_post', __NAMESPACE__ . '\on_deleted', 99, 2 );
}

/**
 * A donation has appeared, before any money.
 *
 * @param int $donation_id Its id.
 */
function on_added( $donation_id ): void {
	record( 'created', (int) $donation_id );
}

/**
 * The status has changed, through Leyka, its list or the trash.
 *
 * @param string   $new_status Now.
 * @param string   $old_status Before; `new` when the post is only being created.
 * @param \WP_Post $post       The donation, or any other post.
 */
function on_status( $new_status, $old_status, $post ): void {
	if ( DONATION_TYPE === $post->post_type && $new_status !== $old_status && 'new' !== $old_status ) {
		record( 'status', (int) $post->ID, $old_status, $new_status );
	}
}

/**
 * A subscription has been switched on or off.
 *
 * @param int  $donation_id Any donation of it.
 * @param bool $is_active   Whether it is on now.
 */
function on_subscription( $donation_id, $is_active ): void {
	record( 'subscription', (int) $donation_id, null, $is_active ? 'on' : 'off' );
}

/**
 * The sum, the method or the campaign is being changed.
 *
 * @param int $donation_id Of which donation.
 */
function on_edited( $donation_id ): void {
	record( 'edited', (int) $donation_id );
}

/**
 * A donation is about to vanish: the last chance to see it.
 *
 * @param int      $post_id Its id.
 * @param \WP_Post $post    The donation, or any other post.
 */
function on_deleted( $post_id, $post ): void {
	if ( DONATION_TYPE !== $post->post_type || ! is_storage_supported() ) {
		return;
	}
	add_event( 'deleted', (int) $post_id, $post->post_status, 'deleted' );
	freeze_donation( (int) $post_id );
}

/**
 * Write an event and see to it that it is frozen when the request ends.
 */
function record( string $kind, int $donation_id, ?string $old_status = null, ?string $new_status = null ): void {
	if ( ! is_storage_supported() ) {
		return;
	}
	$seq = add_event( $kind, $donation_id, $old_status, $new_status );
	if ( $seq ) {
		freeze_at_end( $seq, $donation_id );
	}
}

/**
 * Freeze an event after everything else in this request, gateways that end it with die() included.
 *
 * A shutdown function that registers another one runs it after all those that are registered by then.
 */
function freeze_at_end( int $seq, int $donation_id ): void {
	$site = get_current_blog_id();
	register_shutdown_function(
		static function () use ( $site, $seq, $donation_id ) {
			register_shutdown_function( __NAMESPACE__ . '\freeze_on_site', $site, $seq, $donation_id );
		}
	);
}

/**
 * Freeze an event in the outbox of the site it belongs to.
 */
function freeze_on_site( int $site, int $seq, int $donation_id ): void {
	$is_elsewhere = is_multisite() && get_current_blog_id() !== $site;
	if ( $is_elsewhere ) {
		switch_to_blog( $site );
	}
	freeze_event( $seq, $donation_id );
	if ( $is_elsewhere ) {
		restore_current_blog();
	}
}
