"""The outbox comes with the plugin and goes with it: on one site, and on each of a network."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.wordpress.conftest import Receiver
from tests.wordpress.site import SECRET, Site

DAY = 24 * 60 * 60
PLUGIN = "leyka-bridge/leyka-bridge.php"
STAND_IN = "leyka-stand-in/leyka-stand-in.php"
DONATE = "stand_in_status( stand_in_add( array( 'name' => 'Ольга', 'amount' => 700 ) ), 'funded' );"
LEFT = """
global $wpdb;
return array(
    $wpdb->get_col( "SHOW TABLES LIKE '%leyka_bridge%'" ),
    $wpdb->get_col( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE '%leyka_bridge%'" ),
    false !== wp_next_scheduled( 'leyka_bridge_deliver' ),
);
"""


def test_delivered_events_are_forgotten_after_90_days(site: Site) -> None:
    """What waits is never forgotten, however old; nor is the newest, which holds the numbering."""
    for _ in range(2):
        site.perform(DONATE)
    site.pass_time(10)
    assert site.deliver()["sent"] == 4
    site.perform("stand_in_add();")
    site.pass_time(89 * DAY)
    assert site.perform("return LeykaBridge\\remove_old_events();") == 0
    site.pass_time(2 * DAY)
    assert site.perform("return LeykaBridge\\remove_old_events();") == 4
    assert [row["seq"] for row in site.sql("SELECT seq FROM wp_leyka_bridge_outbox")] == ["5"]
    site.deliver()
    site.pass_time(100 * DAY)
    assert site.perform("return LeykaBridge\\remove_old_events();") == 0


def test_days_to_keep_are_set_in_wp_config(site: Site, receiver: Receiver) -> None:
    """LEYKA_BRIDGE_KEEP_DAYS, which the scheduled run obeys."""
    site.configure(url=receiver.url, secret=SECRET, keep_days=7)
    site.perform(DONATE)
    site.pass_time(10)
    site.deliver()
    site.pass_time(8 * DAY)
    site.perform("do_action( 'leyka_bridge_deliver' );")
    assert [row["seq"] for row in site.sql("SELECT seq FROM wp_leyka_bridge_outbox")] == ["2"]


def test_deactivation_keeps_the_events(site: Site) -> None:
    """Nothing is delivered meanwhile; activated again the plugin goes on where it was."""
    site.perform(DONATE)
    site.perform(f"deactivate_plugins( '{PLUGIN}' );")
    tables, _, is_scheduled = site.perform(LEFT)
    assert (tables, is_scheduled) == (["wp_leyka_bridge_outbox"], False)
    site.perform(f"activate_plugin( '{PLUGIN}' );")
    site.pass_time(10)
    assert site.deliver()["sent"] == 2


def test_uninstalling_leaves_nothing(site: Site) -> None:
    """No table, no option, no schedule; installed again it works."""
    site.perform(f"deactivate_plugins( '{PLUGIN}' );")
    site.perform(f"uninstall_plugin( '{PLUGIN}' );")
    assert site.perform(LEFT) == [[], [], False]
    site.perform(f"activate_plugin( '{PLUGIN}' );")
    assert site.perform(LEFT) == [["wp_leyka_bridge_outbox"], ["leyka_bridge_installed"], True]


def test_a_database_without_the_table_gets_it_with_the_first_event(site: Site) -> None:
    """After a restore of Leyka's tables alone: the event is not lost."""
    site.sql("DROP TABLE wp_leyka_bridge_outbox")
    site.perform("stand_in_add();")
    assert [row["kind"] for row in site.sql("SELECT kind FROM wp_leyka_bridge_outbox")] == ["created"]


def test_a_lost_schedule_comes_back(site: Site) -> None:
    """Whatever clears the cron of the site, the next request puts the deliveries back."""
    site.perform("_set_cron_array( array() );")
    site.perform("return 1;")
    assert site.perform(LEFT)[2] is True


@pytest.fixture(scope="module")
def network(installed: Site) -> Iterator[Site]:
    """A network of two sites over the same files, the plugin active for all of it."""
    log = installed.root.parent / "network.log"
    network = replace(installed, database="network", log=log, is_network=True)
    network.install()
    network.perform_alone(
        f"_set_cron_array( array() ); activate_plugin( '{STAND_IN}', '', true );"
        f"wpmu_create_blog( '{network.host}', '/second/', 'Второй', 1 ); activate_plugin( '{PLUGIN}', '', true );"
    )
    yield network
    assert network.complaints() == ""


def outboxes(network: Site) -> dict[str, list[str]]:
    """The kinds of the events in each outbox of the network."""
    found: dict[str, list[str]] = network.perform_alone("""
        global $wpdb;
        $found = array();
        foreach ( $wpdb->get_col( "SHOW TABLES LIKE '%leyka_bridge_outbox'" ) as $table ) {
            $found[ $table ] = $wpdb->get_col( "SELECT kind FROM $table ORDER BY seq" );
        }
        return $found ? $found : new stdClass();""")
    return found


def test_a_network_has_an_outbox_for_each_site(network: Site, receiver: Receiver) -> None:
    """Also for a site made later; an event stands with its own site, whichever site the request was for."""
    network.configure(url=receiver.url, secret=SECRET)
    assert outboxes(network) == {"wp_leyka_bridge_outbox": [], "wp_2_leyka_bridge_outbox": []}
    network.perform_alone(f"wpmu_create_blog( '{network.host}', '/third/', 'Третий', 1 );")
    assert "wp_3_leyka_bridge_outbox" in outboxes(network)
    network.perform_alone("stand_in_add();", path="/second/")
    network.perform_alone("switch_to_blog( 3 ); stand_in_add(); restore_current_blog(); stand_in_add();")
    assert outboxes(network) == {
        "wp_leyka_bridge_outbox": ["created"],
        "wp_2_leyka_bridge_outbox": ["created"],
        "wp_3_leyka_bridge_outbox": ["created"],
    }
    for path in ("/", "/second/", "/third/"):
        result = network.perform_alone("stand_in_pass_time( 10 ); return LeykaBridge\\deliver();", path=path)
        assert result == {"sent": 1, "end": "empty"}
    told = [delivery.json() for delivery in receiver.came]
    assert [it["site"] for it in told] == [network.url, f"{network.url}/second", f"{network.url}/third"]
    assert all(it["donation"] for it in told)
    network.perform_alone("require_once ABSPATH . 'wp-admin/includes/ms.php'; wpmu_delete_blog( 3, true );")
    assert set(outboxes(network)) == {"wp_leyka_bridge_outbox", "wp_2_leyka_bridge_outbox"}
    network.perform_alone(f"deactivate_plugins( '{PLUGIN}', false, true ); uninstall_plugin( '{PLUGIN}' );")
    assert outboxes(network) == {}
    for path in ("/", "/second/"):
        assert network.perform_alone(LEFT, path=path) == [[], [], False]
