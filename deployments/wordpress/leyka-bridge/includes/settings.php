<?php
/**
 * What wp-config.php and Leyka tell the bridge.
 *
 * @package LeykaBridge
 */

namespace LeykaBridge;

defined( 'ABSPATH' ) || exit;

const DEFAULT_KEEP_DAYS = 90;

/**
 * The key that both sides sign with; an empty string while LEYKA_BRIDGE_SECRET is not defined.
 */
function secret(): string {
	return defined( 'LEYKA_BRIDGE_SECRET' ) ? (string) LEYKA_BRIDGE_SECRET : '';
}

/**
 * Where events are sent; an empty string while LEYKA_BRIDGE_URL is not defined.
 */
function receiver_url(): string {
	return defined( 'LEYKA_BRIDGE_URL' ) ? (string) LEYKA_BRIDGE_URL : '';
}

/**
 * Both constants are there, so that events can leave.
 */
function is_configured(): bool {
	return '' !== secret() && '' !== receiver_url();
}

/**
 * For how many days a delivered event stays in the outbox, at least one.
 */
function keep_days(): int {
	$days = defined( 'LEYKA_BRIDGE_KEEP_DAYS' ) ? (int) LEYKA_BRIDGE_KEEP_DAYS : DEFAULT_KEEP_DAYS;
	return max( 1, $days );
}

/**
 * The name under which the receiver knows this site.
 *
 * Read from the option: home_url() follows the scheme of the current request and the filters of translation plugins,
 * and one site would have two names.
 */
function site_name(): string {
	return untrailingslashit( (string) get_option( 'home' ) );
}

/**
 * Leyka keeps donations as posts, the only storage that works in it and that the bridge can read.
 */
function is_storage_supported(): bool {
	return in_array( get_option( 'leyka_donations_storage_type', 'post' ), array( 'post', '', false ), true );
}
