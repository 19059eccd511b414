"""What the plugin consists of: PHP that 7.4 reads too, complete translations, one version."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.wordpress.site import PLUGIN

PHP = sorted(PLUGIN.rglob("*.php"))
PO = PLUGIN / "languages" / "leyka-bridge-ru_RU.po"
# Tokens of the grammar of PHP 8, which 7.4 stops at; and functions that came with it.
NEWER = """
$newer     = array( 'T_ATTRIBUTE', 'T_ENUM', 'T_MATCH', 'T_NULLSAFE_OBJECT_OPERATOR', 'T_READONLY' );
$functions = array( 'str_contains', 'str_starts_with', 'str_ends_with', 'array_is_list', 'get_debug_type' );
foreach ( token_get_all( stream_get_contents( STDIN ) ) as $token ) {
    $is_newer = is_array( $token ) && in_array( token_name( $token[0] ), $newer, true );
    if ( $is_newer || ( is_array( $token ) && in_array( $token[1], $functions, true ) ) ) {
        echo $token[1], ' on line ', $token[2], "\\n";
    }
}
"""


def run(*command: str | Path, given: str = "") -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("path", PHP, ids=lambda path: str(path.relative_to(PLUGIN)))
def test_each_file_is_php(wordpress: object, path: Path) -> None:
    """No errors of syntax, nothing that only PHP 8 has, and nothing happens when it is called by itself."""
    assert "No syntax errors" in run("php", "-l", path)
    assert run("php", "-r", NEWER, given=path.read_text()) == ""
    assert run("php", path) == ""


def test_the_translation_is_complete(wordpress: object, tmp_path: Path) -> None:
    """Collecting and compiling the texts anew changes nothing, and no text is left in English."""
    copy = tmp_path / "wordpress"
    shutil.copytree(PLUGIN.parent, copy)
    run(copy / "translate.sh")
    for name in ("leyka-bridge.pot", PO.name):
        assert (copy / PLUGIN.name / "languages" / name).read_text() == (PO.parent / name).read_text()
    anew = copy / PLUGIN.name / "languages" / PO.with_suffix(".mo").name
    assert run("msgunfmt", "--sort-output", anew) == run("msgunfmt", "--sort-output", PO.with_suffix(".mo"))
    assert run("msgattrib", "--untranslated", PO) == ""


def test_the_version_is_told_alike() -> None:
    """In the plugin's head, in its code, and as the stable tag."""
    main, readme = (PLUGIN / "leyka-bridge.php").read_text(), (PLUGIN / "readme.txt").read_text()
    versions = re.findall(r"^ \* Version: +(\S+)$", main, re.MULTILINE)
    versions += re.findall(r"^const VERSION += '(\S+)';$", main, re.MULTILINE)
    versions += re.findall(r"^Stable tag: (\S+)$", readme, re.MULTILINE)
    assert (len(versions), len(set(versions))) == (3, 1)
