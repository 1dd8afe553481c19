#!/usr/bin/env bash
# cargo in the checkout, found also where only a login shell would find it.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
exec cargo "$@"
