<?php
/**
 * Delivery: the events in strict order, by one worker, until the first that fails.
 *
 * @package LeykaBridge
 */

namespace LeykaBridge;

defined( 'ABSPATH' ) || exit;

const DELIVERY_HOOK        = 'leyka_bridge_deliver';
const DELIVERY_SCHEDULE    = 'leyka_bridge_minute';
const REQUEST_SECONDS      = 15;
const FIRST_RETRY_SECONDS  = 60;
const LONGEST_WAIT_SECONDS = 3600;

/** One run ends before the next one begins, a minute later. */
const RUN_SECONDS = 45;

/**
 * Register with WP-Cron.
 */
function start_delivery(): void {
	add_filter( 'cron_schedules', __NAMESPACE__ . '\add_schedule' ); // phpcs:ignore WordPress.WP.CronInterval.CronSchedulesInterval -- a donation should be known within a minute.
	add_action( DELIVERY_HOOK, __NAMESPACE__ . '\deliver_on_schedule' );
}

/**
 * Every minute. The name is not translated: schedules may be asked for before translations can be loaded.
 *
 * @param array<string, array<string, mixed>> $schedules Known so far.
 * @return array<string, array<string, mixed>>
 */
function add_schedule( $schedules ) {
	$schedules[ DELIVERY_SCHEDULE ] = array(
		'interval' => MINUTE_IN_SECONDS,
		'display'  => 'Leyka Bridge: every minute',
	);
	return $schedules;
}

/**
 * What WP-Cron does each minute.
 */
function deliver_on_schedule(): void {
	deliver();
	remove_old_events();
}

/**
 * Deliver what waits.
 *
 * @param bool $at_once Do not wait for the hour that the head of the queue was put off to.
 * @return array{sent: int, end: string} How many went, and why no more: `empty`, `failed`, `waiting` (for that hour, or for
 *                                       the request that makes the event), `busy` (another worker), `time`, `unconfigured`.
 */
function deliver( bool $at_once = false ): array {
	if ( ! is_configured() ) {
		return array(
			'sent' => 0,
			'end'  => 'unconfigured',
		);
	}
	if ( ! lock_outbox() ) {
		return array(
			'sent' => 0,
			'end'  => 'busy',
		);
	}
	try {
		return deliver_in_order( $at_once );
	} finally {
		unlock_outbox();
	}
}

/**
 * The same, for the one worker that holds the lock.
 *
 * @return array{sent: int, end: string}
 */
function deliver_in_order( bool $at_once ): array {
	$until = microtime( true ) + RUN_SECONDS;
	$sent  = 0;
	$end   = 'time';
	while ( microtime( true ) < $until ) {
		$end = deliver_head( $at_once );
		if ( 'sent' !== $end ) {
			break;
		}
		++$sent;
		$end = 'time';
	}
	return array(
		'sent' => $sent,
		'end'  => $end,
	);
}

/**
 * Deliver the oldest event that waits.
 */
function deliver_head( bool $at_once ): string {
	$row = read_head();
	if ( null === $row ) {
		return 'empty';
	}
	if ( ! is_settled( $row ) || ( ! $at_once && (int) $row->next_attempt_at > time() ) ) {
		return 'waiting';
	}
	// A connection lost and made anew has lost the lock.
	if ( ! is_lock_ours() ) {
		return 'busy';
	}
	$error = send( $row->event_id, event_body( $row ) );
	if ( '' === $error ) {
		mark_delivered( (int) $row->seq );
		return 'sent';
	}
	mark_failed( (int) $row->seq, $error, time() + retry_delay( (int) $row->attempts ) );
	return 'failed';
}

/**
 * Seconds until the next attempt: a minute, doubled after each failure, an hour at most.
 *
 * @param int $failures Before this one.
 */
function retry_delay( int $failures ): int {
	return min( LONGEST_WAIT_SECONDS, FIRST_RETRY_SECONDS * 2 ** min( $failures, 10 ) );
}

/**
 * Send one body.
 *
 * @return string An empty string for any 2xx, otherwise what went wrong. A redirect is an error: it would lose the body.
 */
function send( string $event_id, string $body ): string {
	$answer = wp_remote_post(
		receiver_url(),
		array(
			'timeout'     => REQUEST_SECONDS,
			'redirection' => 0,
			'user-agent'  => 'LeykaBridge/' . VERSION,
			'headers'     => array(
				'Content-Type'   => 'application/json; charset=utf-8',
				SIGNATURE_HEADER => signature( $body, time(), secret() ),
				EVENT_HEADER     => $event_id,
			),
			'body'        => $body,
		)
	);
	if ( is_wp_error( $answer ) ) {
		return $answer->get_error_message();
	}
	$status = (int) wp_remote_retrieve_response_code( $answer );
	return $status >= 200 && $status < 300 ? '' : trim( "HTTP {$status} " . wp_remote_retrieve_response_message( $answer ) );
}

/**
 * The name of the lock. Locks belong to the whole database server, so it tells installations and sites apart.
 */
function lock_name(): string {
	return 'leyka_bridge_' . md5( DB_NAME . '.' . outbox_table() );
}

/**
 * Become the one worker, without waiting. The server takes the lock back when the connection ends, however it ends.
 */
function lock_outbox(): bool {
	global $wpdb;
	return '1' === $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, 0)', lock_name() ) );
}

/**
 * Whether this connection still holds the lock.
 */
function is_lock_ours(): bool {
	global $wpdb;
	return '1' === $wpdb->get_var( $wpdb->prepare( 'SELECT IS_USED_LOCK(%s) = CONNECTION_ID()', lock_name() ) );
}

/**
 * Let another worker in.
 */
function unlock_outbox(): void {
	global $wpdb;
	$wpdb->query( $wpdb->prepare( 'DO RELEASE_LOCK(%s)', lock_name() ) );
}
