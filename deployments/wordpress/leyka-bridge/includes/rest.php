<?php
/**
 * What the receiver can pull: events it has missed, and donations as they are now. Both only for a signed request.
 *
 * @package LeykaBridge
 */

namespace LeykaBridge;

defined( 'ABSPATH' ) || exit;

const REST_NAMESPACE = 'leyka-bridge/v1';
const DEFAULT_LIMIT  = 100;
const LARGEST_LIMIT  = 500;

/**
 * Register with the REST server.
 */
function start_rest(): void {
	add_action( 'rest_api_init', __NAMESPACE__ . '\register_routes' );
}

/**
 * GET /events and GET /donations.
 */
function register_routes(): void {
	$page   = array(
		'after' => array(
			'type'    => 'integer',
			'minimum' => 0,
			'default' => 0,
		),
		'limit' => array(
			'type'    => 'integer',
			'minimum' => 1,
			'maximum' => LARGEST_LIMIT,
			'default' => DEFAULT_LIMIT,
		),
	);
	$moment = array(
		'type'   => 'string',
		'format' => 'date-time',
	);
	register_pull( '/events', 'answer_events', $page );
	register_pull(
		'/donations',
		'answer_donations',
		$page + array(
			'from' => $moment,
			'to'   => $moment,
		)
	);
}

/**
 * Register a route that only a signed GET request reaches.
 *
 * @param string                              $route    Below the namespace.
 * @param string                              $callback A function of this file.
 * @param array<string, array<string, mixed>> $args     Its parameters.
 */
function register_pull( string $route, string $callback, array $args ): void {
	register_rest_route(
		REST_NAMESPACE,
		$route,
		array(
			'methods'             => 'GET',
			'callback'            => __NAMESPACE__ . '\\' . $callback,
			'permission_callback' => __NAMESPACE__ . '\is_request_signed',
			'args'                => $args,
		)
	);
}

/**
 * Whether the request bears a fresh signature over its route and its parameters.
 *
 * @return true|\WP_Error The error is the same for every reason: who has no key learns nothing.
 */
function is_request_signed( \WP_REST_Request $request ) {
	$header = (string) $request->get_header( SIGNATURE_HEADER );
	if ( is_signed( $header, signed_message( $request ), time(), secret() ) ) {
		return true;
	}
	return new \WP_Error( 'leyka_bridge_signature', __( 'The signature is missing, wrong or too old.', 'leyka-bridge' ), array( 'status' => 401 ) );
}

/**
 * `GET /leyka-bridge/v1/events?after=0&limit=100`: parameters sorted by name, percent-encoded; the question mark always.
 *
 * The parameter rest_route is left out: it is the route itself on sites without permalinks.
 */
function signed_message( \WP_REST_Request $request ): string {
	$query = $request->get_query_params();
	unset( $query['rest_route'] );
	ksort( $query, SORT_STRING );
	return 'GET ' . $request->get_route() . '?' . http_build_query( $query, '', '&', PHP_QUERY_RFC3986 );
}

/**
 * Events after a number, as they are or were delivered.
 */
function answer_events( \WP_REST_Request $request ): \WP_REST_Response {
	$after  = (int) $request['after'];
	$newest = newest_seq();
	$rows   = read_events( $after, (int) $request['limit'] );
	$events = array_map( static fn( $row ) => json_decode( event_body( $row ) ), $rows );
	$last   = $rows ? (int) end( $rows )->seq : $after;
	return page( array( 'events' => $events ), $last, count( $rows ) === (int) $request['limit'] && $last < $newest, $newest );
}

/**
 * Donations after an id, as they are now; `from` and `to` bound the moment of creation, `to` is left out of the range.
 *
 * @return \WP_REST_Response|\WP_Error
 */
function answer_donations( \WP_REST_Request $request ) {
	if ( ! is_storage_supported() ) {
		return new \WP_Error( 'leyka_bridge_storage', __( 'Leyka does not keep donations as posts.', 'leyka-bridge' ), array( 'status' => 503 ) );
	}
	$after  = (int) $request['after'];
	$limit  = (int) $request['limit'];
	$newest = newest_seq();
	$ids    = donation_ids( $after, $limit, $request['from'], $request['to'] );
	$last   = $ids ? (int) end( $ids ) : $after;
	// A donation deleted since its id was read is left out.
	$donations = array_values( array_filter( array_map( __NAMESPACE__ . '\read_donation', array_map( 'intval', $ids ) ) ) );
	return page( array( 'donations' => $donations ), $last, count( $ids ) === $limit, $newest );
}

/**
 * What both answers have in common.
 *
 * @param array<string, mixed> $found      The rows, under their name.
 * @param int                  $next_after The cursor for the next request.
 * @param bool                 $more       Whether that is worth asking at once.
 * @param int                  $newest     The newest event before the rows were read: they are at least as new.
 */
function page( array $found, int $next_after, bool $more, int $newest ): \WP_REST_Response {
	$head   = array(
		'schema' => SCHEMA,
		'site'   => site_name(),
	);
	$cursor = array(
		'next_after' => $next_after,
		'more'       => $more,
		'oldest_seq' => oldest_seq(),
		'newest_seq' => $newest,
	);
	return new \WP_REST_Response( $head + $found + $cursor, 200, array( 'Cache-Control' => 'no-store' ) );
}

/**
 * Ids of donations above $after, created within the range. Of drafts, which have no moment in UTC, the local one counts.
 *
 * @return string[]
 */
function donation_ids( int $after, int $limit, ?string $from, ?string $to ): array {
	global $wpdb;
	$where = $wpdb->prepare( "post_type = %s AND ID > %d AND post_status <> 'auto-draft'", DONATION_TYPE, $after );
	if ( null !== $from ) {
		$where .= ' AND ' . created_condition( '>=', $from );
	}
	if ( null !== $to ) {
		$where .= ' AND ' . created_condition( '<', $to );
	}
	// phpcs:ignore WordPress.DB.PreparedSQL.InterpolatedNotPrepared -- every part of $where is prepared.
	return $wpdb->get_col( $wpdb->prepare( "SELECT ID FROM {$wpdb->posts} WHERE {$where} ORDER BY ID LIMIT %d", $limit ) );
}

/**
 * A condition on the moment of creation.
 *
 * @param string $operator Ours, never of the request.
 * @param string $moment   Of the request, RFC 3339.
 */
function created_condition( string $operator, string $moment ): string {
	global $wpdb;
	$utc   = gmdate( 'Y-m-d H:i:s', rest_parse_date( $moment ) );
	$local = get_date_from_gmt( $utc );
	$zero  = '0000-00-00 00:00:00';
	// phpcs:ignore WordPress.DB.PreparedSQL.InterpolatedNotPrepared
	return $wpdb->prepare( "IF( post_date_gmt = %s, post_date {$operator} %s, post_date_gmt {$operator} %s )", $zero, $local, $utc );
}
