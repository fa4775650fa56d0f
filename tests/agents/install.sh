#!/usr/bin/env bash
# Installs the agent CLIs that tests/it/clients_agents.rs runs, in the versions pinned beside this
# file, below the directory that it is given: Node packages in node_modules, aider in aider.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to=${1:?usage: install.sh DIRECTORY}
pins=("$here/package.json" "$here/package-lock.json" "$here/requirements.txt")

# 1.6 GB: what is there already stays.
if cat "${pins[@]}" | cmp -s - "$to/installed"; then
  exit 0
fi
rm -rf "$to/node_modules" "$to/aider"
mkdir -p "$to"

cp "$here/package.json" "$here/package-lock.json" "$to"
# The packages' own scripts are not run: they build terminals that nothing here needs. Codex and
# Claude Code come as binaries in packages of their own; Claude Code's has to be put in its place.
npm ci --silent --ignore-scripts --no-audit --no-fund --prefix "$to"
node "$to/node_modules/@anthropic-ai/claude-code/install.cjs"

python3 -m venv "$to/aider"
"$to/aider/bin/pip" install --quiet --disable-pip-version-check \
  --requirement "$here/requirements.txt"

cat "${pins[@]}" >"$to/installed"
