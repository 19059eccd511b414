<?php
/**
 * One request to the site, as a donor's or a gateway's: the code in the body of the request, or on standard input.
 *
 * @package LeykaBridge
 */

if ( 'cli' === PHP_SAPI ) {
	$_SERVER['HTTP_HOST']   = getenv( 'SITE_HOST' );
	$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
	$_SERVER['REQUEST_URI'] = getenv( 'SITE_PATH' ) ?: '/';
}
$code = file_get_contents( 'cli' === PHP_SAPI ? 'php://stdin' : 'php://input' );
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
echo wp_json_encode( eval( $code ) );
die(); // As gateways end their callbacks.
