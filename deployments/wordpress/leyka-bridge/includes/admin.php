<?php
/**
 * The page «Tools → Leyka Bridge» and the notices.
 *
 * @package LeykaBridge
 */

namespace LeykaBridge;

defined( 'ABSPATH' ) || exit;

const ADMIN_PAGE  = 'leyka-bridge';
const CAPABILITY  = 'manage_options';
const SEND_ACTION = 'leyka_bridge_send_now';

/** An event that waits longer than this is told on every page of the admin area. */
const ALARM_SECONDS = 3600;

/**
 * Register with WordPress.
 */
function start_admin(): void {
	add_action( 'admin_menu', __NAMESPACE__ . '\add_page' );
	add_action( 'admin_notices', __NAMESPACE__ . '\show_notices' );
	add_action( 'admin_post_' . SEND_ACTION, __NAMESPACE__ . '\send_now' );
	add_filter( 'plugin_action_links_' . plugin_basename( PLUGIN_FILE ), __NAMESPACE__ . '\add_link' );
}

/**
 * Into the menu «Tools».
 */
function add_page(): void {
	add_management_page( __( 'Leyka Bridge', 'leyka-bridge' ), __( 'Leyka Bridge', 'leyka-bridge' ), CAPABILITY, ADMIN_PAGE, __NAMESPACE__ . '\show_page' );
}

/**
 * Into the list of plugins.
 *
 * @param string[] $links Beside the plugin's name.
 * @return string[]
 */
function add_link( $links ) {
	$link = sprintf( '<a href="%s">%s</a>', esc_url( page_url() ), esc_html__( 'Status', 'leyka-bridge' ) );
	return array_merge( array( $link ), $links );
}

/**
 * The address of the page.
 *
 * @param array<string, string|int> $query What to tell it.
 */
function page_url( array $query = array() ): string {
	return add_query_arg( array( 'page' => ADMIN_PAGE ) + $query, admin_url( 'tools.php' ) );
}

/**
 * Show what the administrator must do, if anything.
 */
function show_notices(): void {
	if ( ! current_user_can( CAPABILITY ) ) {
		return;
	}
	foreach ( troubles() as $trouble ) {
		printf( '<div class="notice notice-error"><p><strong>%s</strong> %s</p></div>', esc_html__( 'Leyka Bridge:', 'leyka-bridge' ), esc_html( $trouble ) );
	}
}

/**
 * What is wrong, in the words of the administrator.
 *
 * @return string[]
 */
function troubles(): array {
	$troubles = array();
	if ( ! is_storage_supported() ) {
		$troubles[] = __( 'Leyka is set to keep donations in tables of its own. The bridge reads only donations kept as posts: it tells the receiver of nothing until the option leyka_donations_storage_type is “post” again.', 'leyka-bridge' );
	}
	if ( ! is_configured() ) {
		$troubles[] = __( 'Events are collected, but they do not leave: define LEYKA_BRIDGE_URL and LEYKA_BRIDGE_SECRET in wp-config.php.', 'leyka-bridge' );
	}
	$age = head_age();
	if ( is_configured() && null !== $age && $age > ALARM_SECONDS ) {
		/* translators: %s: a period of time, such as “3 hours”. */
		$troubles[] = sprintf( __( 'The oldest event has been waiting for %s. Events leave strictly in order, so all later ones wait too.', 'leyka-bridge' ), period( $age ) );
	}
	return $troubles;
}

/**
 * For how many seconds the oldest event has been waiting; null if none waits.
 */
function head_age(): ?int {
	$head = read_head();
	return null === $head ? null : max( 0, time() - intdiv( (int) $head->occurred_at, 1000 ) );
}

/**
 * A number of seconds in words.
 */
function period( int $seconds ): string {
	$now = time();
	return human_time_diff( $now - $seconds, $now );
}

/**
 * A moment in the site's zone.
 */
function moment( int $time ): string {
	return (string) wp_date( 'Y-m-d H:i:s', $time );
}

/**
 * The page.
 */
function show_page(): void {
	if ( ! current_user_can( CAPABILITY ) ) {
		return;
	}
	echo '<div class="wrap"><h1>' . esc_html__( 'Leyka Bridge', 'leyka-bridge' ) . '</h1>';
	show_result();
	echo '<table class="widefat striped" style="max-width: 60em"><tbody>';
	foreach ( figures() as $label => $value ) {
		printf( '<tr><th scope="row">%s</th><td>%s</td></tr>', esc_html( $label ), esc_html( $value ) );
	}
	echo '</tbody></table>';
	show_button();
	echo '</div>';
}

/**
 * What the page tells: label => value.
 *
 * @return array<string, string>
 */
function figures(): array {
	$head = read_head();
	$last = last_delivery();
	$none = __( 'none', 'leyka-bridge' );
	$next = wp_next_scheduled( DELIVERY_HOOK );
	return array(
		__( 'Receiver', 'leyka-bridge' )          => '' === receiver_url() ? $none : receiver_url(),
		__( 'Secret', 'leyka-bridge' )            => '' === secret() ? $none : __( 'defined', 'leyka-bridge' ),
		__( 'Events waiting', 'leyka-bridge' )    => number_format_i18n( count_waiting() ),
		__( 'Oldest of them', 'leyka-bridge' )    => null === $head ? $none : describe_head( $head ),
		__( 'Its last error', 'leyka-bridge' )    => (string) ( $head->last_error ?? $none ),
		__( 'Its next attempt', 'leyka-bridge' )  => empty( $head->next_attempt_at ) ? $none : moment( (int) $head->next_attempt_at ),
		__( 'Last delivery', 'leyka-bridge' )     => null === $last ? $none : moment( $last ),
		__( 'Next run of WP-Cron', 'leyka-bridge' ) => $next ? moment( $next ) : $none,
		__( 'Delivered events are kept', 'leyka-bridge' ) => days( keep_days() ),
	);
}

/**
 * A number of days in words.
 */
function days( int $number ): string {
	/* translators: %d: a number of days. */
	return sprintf( _n( '%d day', '%d days', $number, 'leyka-bridge' ), $number );
}

/**
 * The event that all others wait for.
 */
function describe_head( object $head ): string {
	/* translators: 1: number of the event, 2: id of the donation, 3: a period of time, 4: number of failed attempts. */
	$text = __( 'event %1$d of donation %2$d, waiting for %3$s, failed attempts: %4$d', 'leyka-bridge' );
	return sprintf( $text, $head->seq, $head->donation_id, period( (int) head_age() ), $head->attempts );
}

/**
 * «Send now».
 */
function show_button(): void {
	printf( '<form method="post" action="%s">', esc_url( admin_url( 'admin-post.php' ) ) );
	printf( '<input type="hidden" name="action" value="%s">', esc_attr( SEND_ACTION ) );
	wp_nonce_field( SEND_ACTION );
	submit_button( __( 'Send now', 'leyka-bridge' ), 'primary', 'submit', true, is_configured() ? array() : array( 'disabled' => 'disabled' ) );
	echo '</form>';
}

/**
 * Deliver now, whatever hour the queue was put off to, and come back to the page.
 */
function send_now(): void {
	if ( ! current_user_can( CAPABILITY ) ) {
		wp_die( esc_html__( 'You may not do this.', 'leyka-bridge' ), '', array( 'response' => 403 ) );
	}
	check_admin_referer( SEND_ACTION );
	$result = deliver( true );
	wp_safe_redirect(
		page_url(
			array(
				'sent' => $result['sent'],
				'end'  => $result['end'],
			)
		)
	);
	exit;
}

/**
 * What «Send now» has done.
 */
function show_result(): void {
	// phpcs:disable WordPress.Security.NonceVerification.Recommended -- only chooses a sentence.
	if ( ! isset( $_GET['sent'], $_GET['end'] ) ) {
		return;
	}
	$sent = absint( $_GET['sent'] );
	$end  = sanitize_key( wp_unslash( $_GET['end'] ) );
	// phpcs:enable
	/* translators: %d: a number of events. */
	$text = sprintf( _n( '%d event sent.', '%d events sent.', $sent, 'leyka-bridge' ), $sent );
	printf( '<div class="notice notice-info"><p>%s %s</p></div>', esc_html( $text ), esc_html( ends()[ $end ] ?? '' ) );
}

/**
 * Why a run ended, in words.
 *
 * @return array<string, string>
 */
function ends(): array {
	return array(
		'empty'   => __( 'Nothing waits any more.', 'leyka-bridge' ),
		'failed'  => __( 'The next one was not accepted, see its last error.', 'leyka-bridge' ),
		'waiting' => __( 'The next one is still being written, try again in a moment.', 'leyka-bridge' ),
		'busy'    => __( 'Another run is at work.', 'leyka-bridge' ),
		'time'    => __( 'There are more, the next run goes on.', 'leyka-bridge' ),
	);
}
