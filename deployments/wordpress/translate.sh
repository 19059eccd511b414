#!/bin/sh
# After a change of the plugin's texts: collect them, then fill in languages/leyka-bridge-ru_RU.po and run this again.
set -eu
cd "$(dirname "$0")/leyka-bridge"
pot=languages/leyka-bridge.pot
po=languages/leyka-bridge-ru_RU.po

xgettext --language=PHP --from-code=UTF-8 --keyword=__ --keyword=esc_html__ --keyword=_n:1,2 \
    --add-comments=translators --no-wrap --no-location --package-name='Leyka Bridge' -o - leyka-bridge.php includes/*.php |
    sed -e '/^# /d' -e '/^#, fuzzy/d' -e '/^"POT-Creation-Date/d' -e '/^"Report-Msgid-Bugs-To/d' > "$pot"
sed -n 's/^ \* Description: *\(.*\)$/\n#. What the list of plugins says of this one.\nmsgid "\1"\nmsgstr ""/p' leyka-bridge.php >> "$pot"

msgmerge --quiet --update --backup=none --no-wrap --no-fuzzy-matching "$po" "$pot"
msgfmt --check --output-file="${po%.po}.mo" "$po"
