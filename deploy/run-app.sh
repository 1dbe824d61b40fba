#!/bin/sh
# Becomes one of the apps: deploy/run-app.sh api; deploy/run-app.sh cli topics apply.
set -eu
app=${1:?expected an app: $(ls apps)}
shift
exec node --disable-warning=TimeoutNegativeWarning --import tsx "apps/$app/src/main.ts" "$@"
