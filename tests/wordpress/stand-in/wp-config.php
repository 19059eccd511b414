<?php
/**
 * The configuration of the site under test, from the environment; the constants of the bridge, from the file it names.
 *
 * @package LeykaBridge
 */

define( 'DB_NAME', getenv( 'SITE_DATABASE' ) );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', getenv( 'SITE_DATABASE_HOST' ) );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
$table_prefix = 'wp_';

foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $name ) {
	define( $name . '_KEY', $name . '-key-of-the-test' );
	define( $name . '_SALT', $name . '-salt-of-the-test' );
}

// Whatever PHP or WordPress complain about goes into the log, which a test reads.
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', false );
define( 'WP_DEBUG_LOG', getenv( 'SITE_LOG' ) );

// Nothing by itself: cron runs when a test asks for it, and nobody looks for updates.
define( 'DISABLE_WP_CRON', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1' );
define( 'AUTOMATIC_UPDATER_DISABLED', true );

if ( getenv( 'SITE_NETWORK' ) && ! defined( 'WP_INSTALLING' ) ) {
	define( 'MULTISITE', true );
	define( 'SUBDOMAIN_INSTALL', false );
	define( 'DOMAIN_CURRENT_SITE', getenv( 'SITE_HOST' ) );
	define( 'PATH_CURRENT_SITE', '/' );
	define( 'SITE_ID_CURRENT_SITE', 1 );
	define( 'BLOG_ID_CURRENT_SITE', 1 );
}

foreach ( json_decode( file_get_contents( getenv( 'SITE_BRIDGE' ) ), true ) as $name => $value ) {
	define( $name, $value );
}

defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
