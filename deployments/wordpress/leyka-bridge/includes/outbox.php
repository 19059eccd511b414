<?php
/**
 * The outbox: one row for each event, written in the request in which it happened.
 *
 * A row is frozen when its payload, the donation as it stood at the end of that request, has been filled in.
 *
 * @package LeykaBridge
 */

namespace LeykaBridge;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.PreparedSQL.NotPrepared -- only our table's name.

/** After so long the request that wrote an unfrozen row is held to have died. */
const DEAD_AFTER_SECONDS = 120;

/** A row younger than this may have an elder that another connection is still writing. */
const SETTLE_SECONDS = 2;

/** No more rows than this are removed at once, so that the table is never locked for long. */
const REMOVE_AT_ONCE = 5000;

/**
 * The outbox of the current site.
 */
function outbox_table(): string {
	global $wpdb;
	return $wpdb->prefix . 'leyka_bridge_outbox';
}

/**
 * Create the outbox of the current site, or bring it up to date. Moments are Unix time, occurred_at in milliseconds.
 */
function create_outbox(): void {
	global $wpdb;
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	$table   = outbox_table();
	$charset = $wpdb->get_charset_collate();
	dbDelta(
		"CREATE TABLE {$table} (
		seq bigint(20) unsigned NOT NULL AUTO_INCREMENT,
		event_id char(36) NOT NULL,
		donation_id bigint(20) unsigned NOT NULL,
		kind varchar(20) NOT NULL,
		old_status varchar(20) DEFAULT NULL,
		new_status varchar(20) DEFAULT NULL,
		occurred_at bigint(20) unsigned NOT NULL,
		payload longtext DEFAULT NULL,
		attempts int(10) unsigned NOT NULL DEFAULT 0,
		next_attempt_at bigint(20) unsigned NOT NULL DEFAULT 0,
		delivered_at bigint(20) unsigned DEFAULT NULL,
		last_error text DEFAULT NULL,
		PRIMARY KEY  (seq),
		UNIQUE KEY event_id (event_id),
		KEY delivered_at (delivered_at,seq),
		KEY donation_id (donation_id)
		) ENGINE=InnoDB {$charset};"
	);
}

/**
 * Write an event down, unfrozen.
 *
 * @return int Its number; 0 if the database refused the row, which is then told in the error log.
 */
function add_event( string $kind, int $donation_id, ?string $old_status = null, ?string $new_status = null ): int {
	global $wpdb;
	$row = array(
		'event_id'    => wp_generate_uuid4(),
		'donation_id' => $donation_id,
		'kind'        => $kind,
		'old_status'  => $old_status,
		'new_status'  => $new_status,
		'occurred_at' => (int) floor( microtime( true ) * 1000 ),
	);
	if ( insert_quietly( $row ) ) {
		return (int) $wpdb->insert_id;
	}
	// A database restored or copied without the table: better late than an event lost.
	create_outbox();
	if ( insert_quietly( $row ) ) {
		return (int) $wpdb->insert_id;
	}
	// phpcs:ignore WordPress.PHP.DevelopmentFunctions.error_log_error_log -- there is no other place left to tell it.
	error_log( "Leyka Bridge: the event {$kind} of donation {$donation_id} was not written: {$wpdb->last_error}" );
	return 0;
}

/**
 * Insert a row without showing the donor a database error.
 *
 * @param array<string, mixed> $row Columns and their values.
 */
function insert_quietly( array $row ): bool {
	global $wpdb;
	$shown    = $wpdb->suppress_errors( true );
	$inserted = $wpdb->insert( outbox_table(), $row );
	$wpdb->suppress_errors( $shown );
	return false !== $inserted;
}

/**
 * Fill in the payload of an event that has none yet: what its donation is now.
 */
function freeze_event( int $seq, int $donation_id ): void {
	global $wpdb;
	$table = outbox_table();
	$json  = to_json( read_donation( $donation_id ) );
	$wpdb->query( $wpdb->prepare( "UPDATE {$table} SET payload = %s WHERE seq = %d AND payload IS NULL", $json, $seq ) );
}

/**
 * The same for all events of a donation about to vanish, also for those whose request died.
 */
function freeze_donation( int $donation_id ): void {
	global $wpdb;
	$table = outbox_table();
	$json  = to_json( read_donation( $donation_id ) );
	$wpdb->query( $wpdb->prepare( "UPDATE {$table} SET payload = %s WHERE donation_id = %d AND payload IS NULL", $json, $donation_id ) );
}

/**
 * The oldest event not delivered yet, settled or not.
 */
function read_head(): ?object {
	global $wpdb;
	$table = outbox_table();
	return $wpdb->get_row( "SELECT * FROM {$table} WHERE delivered_at IS NULL ORDER BY seq LIMIT 1" );
}

/**
 * Events with a number above $after, delivered or not, up to the first that is not settled.
 *
 * @return object[]
 */
function read_events( int $after, int $limit ): array {
	global $wpdb;
	$table = outbox_table();
	$rows  = $wpdb->get_results( $wpdb->prepare( "SELECT * FROM {$table} WHERE seq > %d ORDER BY seq LIMIT %d", $after, $limit ) );
	$ready = array();
	foreach ( $rows as $row ) {
		if ( ! is_settled( $row ) ) {
			break;
		}
		$ready[] = $row;
	}
	return $ready;
}

/**
 * Whether an event may be shown to others: its request has frozen it or died, and no elder can still turn up.
 */
function is_settled( object $row ): bool {
	$age = time() - $row->occurred_at / 1000;
	return $age >= ( null === $row->payload ? DEAD_AFTER_SECONDS : SETTLE_SECONDS );
}

/**
 * The payload of a settled event; built now, and kept, if its request died before freezing it.
 */
function read_payload( object $row ): string {
	global $wpdb;
	if ( null !== $row->payload ) {
		return $row->payload;
	}
	freeze_event( (int) $row->seq, (int) $row->donation_id );
	$table = outbox_table();
	return (string) $wpdb->get_var( $wpdb->prepare( "SELECT payload FROM {$table} WHERE seq = %d", $row->seq ) );
}

/**
 * The receiver has it.
 */
function mark_delivered( int $seq ): void {
	global $wpdb;
	$table = outbox_table();
	$sql   = "UPDATE {$table} SET delivered_at = %d, attempts = attempts + 1, next_attempt_at = 0, last_error = NULL WHERE seq = %d";
	$wpdb->query( $wpdb->prepare( $sql, time(), $seq ) );
}

/**
 * The receiver has it not, and is to be left in peace until $next_attempt_at.
 */
function mark_failed( int $seq, string $error, int $next_attempt_at ): void {
	global $wpdb;
	$table = outbox_table();
	$sql   = "UPDATE {$table} SET attempts = attempts + 1, next_attempt_at = %d, last_error = %s WHERE seq = %d";
	$wpdb->query( $wpdb->prepare( $sql, $next_attempt_at, $error, $seq ) );
}

/**
 * How many events wait.
 */
function count_waiting(): int {
	global $wpdb;
	$table = outbox_table();
	return (int) $wpdb->get_var( "SELECT COUNT(*) FROM {$table} WHERE delivered_at IS NULL" );
}

/**
 * When the last delivery succeeded, as Unix time; null if none did, or none is remembered.
 */
function last_delivery(): ?int {
	global $wpdb;
	$table = outbox_table();
	$last  = $wpdb->get_var( "SELECT MAX(delivered_at) FROM {$table}" );
	return null === $last ? null : (int) $last;
}

/**
 * The number of the newest event, 0 before the first one.
 */
function newest_seq(): int {
	global $wpdb;
	$table = outbox_table();
	return (int) $wpdb->get_var( "SELECT MAX(seq) FROM {$table}" );
}

/**
 * The number of the oldest event still kept, 0 if there is none.
 */
function oldest_seq(): int {
	global $wpdb;
	$table = outbox_table();
	return (int) $wpdb->get_var( "SELECT MIN(seq) FROM {$table}" );
}

/**
 * Forget events delivered longer ago than the days to keep; never one that waits.
 *
 * The newest row stays: MySQL before 8.0 forgets the counter of an empty table, and numbers would begin again at 1.
 *
 * @return int How many were removed.
 */
function remove_old_events(): int {
	global $wpdb;
	$table  = outbox_table();
	$before = time() - keep_days() * DAY_IN_SECONDS;
	$sql    = "DELETE FROM {$table} WHERE delivered_at < %d AND seq < %d ORDER BY seq LIMIT %d";
	return (int) $wpdb->query( $wpdb->prepare( $sql, $before, newest_seq(), REMOVE_AT_ONCE ) );
}
