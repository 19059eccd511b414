<?php
/**
 * Removes everything the plugin has left: on a network, from each site.
 *
 * @package LeykaBridge
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

( static function () {
	$remove = static function () {
		global $wpdb;
		wp_clear_scheduled_hook( 'leyka_bridge_deliver' );
		delete_option( 'leyka_bridge_installed' );
		$wpdb->query( "DROP TABLE IF EXISTS {$wpdb->prefix}leyka_bridge_outbox" ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
	};
	if ( ! is_multisite() ) {
		$remove();
		return;
	}
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $site_id ) { // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing.AssociativeArrayFound
		switch_to_blog( $site_id );
		$remove();
		restore_current_blog();
	}
} )();
