<?php
/**
 * Installation, on one site or on all of a network, and its end. The removal of everything is in uninstall.php.
 *
 * @package LeykaBridge
 */

namespace LeykaBridge;

defined( 'ABSPATH' ) || exit;

const INSTALLED_OPTION = 'leyka_bridge_installed';

/**
 * Register with WordPress.
 */
function start_lifecycle(): void {
	register_activation_hook( PLUGIN_FILE, __NAMESPACE__ . '\activate' );
	register_deactivation_hook( PLUGIN_FILE, __NAMESPACE__ . '\deactivate' );
	add_action( 'init', __NAMESPACE__ . '\load_translation' );
	add_action( 'init', __NAMESPACE__ . '\complete_site' );
	add_action( 'wp_initialize_site', __NAMESPACE__ . '\on_new_site', 200 );
	add_filter( 'wpmu_drop_tables', __NAMESPACE__ . '\drop_with_site', 10, 2 );
}

/**
 * Activation.
 *
 * @param bool $network_wide For all sites of the network.
 */
function activate( $network_wide ): void {
	on_sites( (bool) $network_wide, __NAMESPACE__ . '\install_site' );
}

/**
 * Deactivation: events stay in the outbox, and wait.
 *
 * @param bool $network_wide For all sites of the network.
 */
function deactivate( $network_wide ): void {
	on_sites( (bool) $network_wide, __NAMESPACE__ . '\stop_deliveries' );
}

/**
 * Do something on the current site, or on each of the network.
 *
 * @param bool     $all  Each.
 * @param callable $work What to do.
 */
function on_sites( bool $all, callable $work ): void {
	if ( ! $all || ! is_multisite() ) {
		$work();
		return;
	}
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $site_id ) { // phpcs:ignore WordPress.Arrays.ArrayDeclarationSpacing.AssociativeArrayFound
		switch_to_blog( $site_id );
		$work();
		restore_current_blog();
	}
}

/**
 * The outbox and the deliveries of the current site.
 */
function install_site(): void {
	create_outbox();
	update_option( INSTALLED_OPTION, VERSION );
	schedule_deliveries();
}

/**
 * Have the outbox emptied every minute.
 */
function schedule_deliveries(): void {
	if ( ! wp_next_scheduled( DELIVERY_HOOK ) ) {
		wp_schedule_event( time(), DELIVERY_SCHEDULE, DELIVERY_HOOK );
	}
}

/**
 * No more deliveries on the current site.
 */
function stop_deliveries(): void {
	wp_clear_scheduled_hook( DELIVERY_HOOK );
}

/**
 * Make good what activation did not see: a new version of the plugin, a schedule that another plugin has cleared.
 */
function complete_site(): void {
	if ( VERSION !== get_option( INSTALLED_OPTION ) ) {
		install_site();
		return;
	}
	schedule_deliveries();
}

/**
 * A site has been added to the network.
 *
 * @param \WP_Site $site The new one.
 */
function on_new_site( $site ): void {
	if ( ! function_exists( 'is_plugin_active_for_network' ) ) {
		require_once ABSPATH . 'wp-admin/includes/plugin.php';
	}
	if ( ! is_plugin_active_for_network( plugin_basename( PLUGIN_FILE ) ) ) {
		return;
	}
	switch_to_blog( (int) $site->blog_id );
	install_site();
	restore_current_blog();
}

/**
 * A site is being removed from the network, and its outbox with it.
 *
 * @param string[] $tables  What WordPress will drop.
 * @param int      $site_id Of which site.
 * @return string[]
 */
function drop_with_site( $tables, $site_id ) {
	global $wpdb;
	$tables[] = $wpdb->get_blog_prefix( $site_id ) . 'leyka_bridge_outbox';
	return $tables;
}

/**
 * The translations that come with the plugin.
 */
function load_translation(): void {
	load_plugin_textdomain( 'leyka-bridge', false, dirname( plugin_basename( PLUGIN_FILE ) ) . '/languages' );
}
