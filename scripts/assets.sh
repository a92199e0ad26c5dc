#!/usr/bin/env bash
# Builds the portal's style sheet and script from govuk-frontend (npm and node are needed; the result is committed).
set -euo pipefail
cd "$(dirname "$0")/../assets"
npm ci --no-audit --no-fund --silent
out=../src/portal/static/vendor/govuk
npx sass --style=compressed --no-source-map --quiet-deps --load-path=node_modules portal.scss "$out/govuk.css"
cp node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js "$out/govuk.js"
sed -i 's|//# sourceMappingURL=.*||' "$out/govuk.js"
