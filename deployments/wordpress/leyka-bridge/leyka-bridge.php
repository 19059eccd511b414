<?php
/**
 * Plugin Name:       Leyka Bridge
 * Description:       Tells another system of every change of a Leyka donation: in order, signed, and without losing one while the receiver is away.
 * Version:           1.0.0
 * Requires at least: 6.0
 * Requires PHP:      7.4
 * Author:            The Backoffice maintainers
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       leyka-bridge
 * Domain Path:       /languages
 *
 * @package LeykaBridge
 */

namespace LeykaBridge;

defined( 'ABSPATH' ) || exit;

const VERSION     = '1.0.0';
const PLUGIN_FILE = __FILE__;

require __DIR__ . '/includes/settings.php';
require __DIR__ . '/includes/outbox.php';
require __DIR__ . '/includes/payload.php';
require __DIR__ . '/includes/listener.php';
require __DIR__ . '/includes/signature.php';
require __DIR__ . '/includes/delivery.php';
require __DIR__ . '/includes/rest.php';
require __DIR__ . '/includes/lifecycle.php';
require __DIR__ . '/includes/admin.php';

start_lifecycle();
start_listening();
start_delivery();
start_rest();
start_admin();
