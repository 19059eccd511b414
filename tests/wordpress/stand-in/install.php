<?php
/**
 * Install WordPress into a new database, and turn it into a network if asked.
 *
 * @package LeykaBridge
 */

list( $host, $port ) = explode( ':', getenv( 'SITE_DATABASE_HOST' ) );
( new mysqli( $host, 'root', '', '', (int) $port ) )->query( 'CREATE DATABASE ' . getenv( 'SITE_DATABASE' ) );

define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST']   = getenv( 'SITE_HOST' );
$_SERVER['REQUEST_URI'] = '/';
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter( 'pre_wp_mail', '__return_true' );
wp_install( 'Фонд', 'admin', 'admin@example.org', true, '', 'admin-password' );
update_option( 'permalink_structure', '/%postname%/' );
update_option( 'timezone_string', 'Europe/Moscow' );
if ( getenv( 'SITE_NETWORK' ) ) {
	foreach ( $wpdb->tables( 'ms_global' ) as $name => $table ) {
		$wpdb->$name = $table;
	}
	install_network();
	populate_network( 1, getenv( 'SITE_HOST' ), 'admin@example.org', 'Сеть', '/', false );
}
