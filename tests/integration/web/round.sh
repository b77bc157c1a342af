#!/bin/sh
# The round by HTTP alone, with curl: `sh round.sh URL`. Prints what was transmitted, as JSON.
set -eu
base=${1%/}/v1
reader=$base/readers/reader-1

ask() { # METHOD URL [JSON]
    if [ $# -gt 2 ]; then
        curl -sS --fail-with-body -X "$1" "$2" -H 'Content-Type: application/json' --data-binary "$3"
    else
        curl -sS --fail-with-body -X "$1" "$2"
    fi
}
press() { ask POST "$reader/keys" "{\"keys\": [$1]}" >/dev/null; }
insert() { ask PUT "$reader/slots/$1" "{\"card\": \"$2\"}" >/dev/null; }
cable() { ask PUT "$reader/cable" "{\"plugged\": $1}" >/dev/null; }

cable true
ask POST "$base/surgery/load" '{"reader": "reader-1"}' >/dev/null

cable false
insert ps PIQURE2969
for patient in MARTIN DESMAUX; do
    insert vitale "$patient"
    press '"VAL", "1234", "VAL"'
    curl -sS --fail-with-body "$reader/screen.txt" | grep 'FACTURES SIGNEES' >&2
    press '"VAL"'
    ask DELETE "$reader/slots/vitale" >/dev/null
done

cable true
ask POST "$base/surgery/unload" '{"reader": "reader-1", "code": "1234"}' >/dev/null
for owner in TOUBIB MASSEUR3107; do
    ask DELETE "$reader/slots/ps" >/dev/null
    insert ps "$owner"
    ask POST "$base/surgery/sign" '{"reader": "reader-1", "code": "1234"}' >/dev/null
done
ask POST "$base/surgery/transmit" '{}'
