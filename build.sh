#!/usr/bin/env bash
# Builds, serves, tests and checks Residua. ./build.sh help names the verbs.
#
# It needs Go, Node and npm. It fetches everything else: Go modules, the weights
# and pictures (weights/fetch), npm packages, and for the tests the browsers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# A cross-compiling shell must not turn our own tools into foreign programs.
unset GOOS GOARCH

readonly go_minor=26 node_major=20
readonly staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
# The packages whose code differs under js/wasm and can be tested there.
readonly wasm_packages=(./resnet ./resnet/{kernel,op,train,transfer,imageio,shapes})
# The packages in which goroutines meet: they are tested with the race detector.
readonly racing_packages=(./web ./web/server ./weights/npm ./internal/concurrent ./internal/freelist)

usage() {
  cat <<'END'
Usage: ./build.sh [VERB]

  (none)         build everything into dist/, a folder that any static host can serve
  serve [ADDR]   build, then serve dist/ at ADDR (default 127.0.0.1:8080)
  serve --tls [ADDR]
                 the same by https, for phones in this network (default :8443, all addresses)
  edge [ARG…]    build, then run the Cloudflare Worker locally, at 127.0.0.1:8787; or give
                 wrangler the arguments: deploy, deploy --dry-run, tail, … (see docs/deploy.md)
  test [PART]    every test, or those of a part: go (natively), wasm (Go under js/wasm in Chromium),
                 page (in Chromium, Firefox and WebKitGTK), edge (the Worker under workerd)
  bench [OPT…]   time Residua and its peers in Chromium, interleaved; writes dist/bench.json
                 (--layers, --rounds N, --model NAME, --threads N)
  check          format, lengths, vet, lint, types, generated files, import rules, clean tree
  help           show this

The environment variables CHROMIUM and FIREFOX name the browsers to test with.
END
}

main() {
  local verb=${1:-build}
  case $verb in
    build) no_more_than 1 "$@"; build ;;
    serve) shift; serve "$@" ;;
    edge)  shift; build; build_edge; edge "$@" ;;
    test)  no_more_than 2 "$@"; tests "${2:-all}" ;;
    bench) shift; bench "$@" ;;
    check) no_more_than 1 "$@"; check ;;
    help | -h | --help) usage ;;
    *) usage >&2; fail "there is no verb \"$verb\"." ;;
  esac
}

# ---- build -------------------------------------------------------------------

# The build is made in a folder beside dist/ and moved there when it is complete. A
# build that fails leaves the last good one, and a running server picks up the new one.
build() {
  need_tools
  need_npm_packages web/vendor
  mkdir -p dist
  next=$(mktemp -d dist/.next.XXXXXX)
  mkdir -p "$next/static/engine"
  step "page"   build_page
  step "engine" build_engine
  step "view"   build_view
  say "model, samples, starter sets and digits"
  go run ./weights/fetch -out dist # it writes whole files only, and only those that are new
  # The service worker lists all of the site but the models: it comes last.
  go run ./web/offline "$next" dist/samples dist/starters dist/digits
  check_complete
  replace LICENSE.txt
  replace NOTICE.txt
  replace static
  replace index.html
  replace sw.js
  rm -rf "$next"
  say "compressed files for the native server"
  node web/compress.mjs dist # it keeps what is right
  say "dist/ is built: $(size_of dist)"
}

build_page() {
  cp -R web/static/. "$next/static/"
  mkdir -p "$next/static/vendor/noble-hashes"
  cp web/vendor/node_modules/fflate/esm/browser.js "$next/static/vendor/fflate.js"
  cp web/vendor/node_modules/@noble/hashes/{sha2,_md,_u64,utils}.js "$next/static/vendor/noble-hashes/"
  cp index.html "$next/"
  # The licences of what the site holds ask to come with it.
  cp LICENSE "$next/LICENSE.txt"
  cp NOTICE "$next/NOTICE.txt"
  go run ./web/bundle "$next"
  made="$next/static"
}

build_engine() {
  local program kernels
  program=$(temporary)/engine.wasm
  GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -o "$program" ./wasm/engine
  go run ./wasm/sharemem "$program" "$next/static/engine/engine.wasm"
  go run ./wasm/sharemem -shared "$program" "$next/static/engine/engine_shared.wasm"
  cp "$(go env GOROOT)/lib/wasm/wasm_exec.js" "$next/static/engine/"
  for kernels in resnet/kernel/zkernels_*.wasm; do
    cp "$kernels" "$next/static/engine/${kernels#resnet/kernel/z}"
  done
  made="$next/static/engine"
}

build_view() {
  GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -o "$next/static/view/view.wasm" ./wasm/view
  made="$next/static/view"
}

# check_complete fails if a file that the page loads is missing or empty.
check_complete() {
  local engine=$next/static/engine file
  for file in "$next"/{index.html,sw.js} \
    "$next"/static/{residua.js,manifest.webmanifest,i18n/en.json,page/app.js,page/page.css} \
    "$engine"/{engine,kernels_relaxed,kernels_simd}{,_shared}.wasm "$engine"/{wasm_exec,worker,helper}.js \
    "$next"/static/view.html "$next"/static/view/{view.js,view.wasm} \
    "$next"/static/vendor/{fflate,noble-hashes/sha2}.js \
    dist/models/{resnet50,resnet50-int8}/manifest.json dist/{samples/samples,starters/starters,digits/digits}.json \
    dist/digits/digits.idx; do
    [[ -s $file ]] || fail "the build lacks $file."
  done
  local model
  for model in resnet50 resnet50-int8; do
    for file in $(sed -n 's/.*"name": "\(.*\.bin\)".*/\1/p' "dist/models/$model/manifest.json"); do
      [[ -s dist/models/$model/$file ]] || fail "the model $model lacks its shard $file."
    done
  done
}

# replace NAME moves the new NAME into dist/, in place of the old one.
replace() {
  [[ ! -e dist/$1 ]] || mv "dist/$1" "$next/last-$1"
  mv "$next/$1" "dist/$1"
}

# ---- serve -------------------------------------------------------------------

serve() {
  local server options=(-dir dist)
  if [[ ${1:-} == --tls ]]; then
    options+=(-tls)
    shift
  fi
  no_more_than 2 serve "$@"
  [[ -z ${1:-} ]] || options+=(-addr "$1")
  build
  server=$(temporary)/server
  go build -o "$server" ./web/server
  serve_with "$server" "${options[@]}"
}

# serve_with COMMAND… runs a server, and passes on to it the signal that ends this script.
serve_with() {
  "$@" &
  local id=$! status=0 stopped=
  trap 'stopped=yes; kill "$id" 2>/dev/null || true' INT TERM
  wait "$id" || status=$?
  if [[ $stopped ]]; then # that wait ended with the signal, this one with the server
    status=0
    wait "$id" || status=$?
  fi
  return "$status"
}

# ---- edge --------------------------------------------------------------------

# build_edge makes what wrangler runs and deploys: the Worker, and a copy of dist/ with its headers.
build_edge() {
  local made=web/edge/build size
  need_npm_packages web/edge
  say "the Cloudflare Worker"
  rm -rf "$made"
  go run github.com/syumai/workers/cmd/workers-assets-gen -mode=go -o "$made"
  GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -o "$made/app.wasm" ./web/edge
  go run ./web/edge/site -from dist -to "$made/site"
  size=$(gzip -9 -c "$made/app.wasm" | wc -c)
  (( size < 3 << 20 )) || fail "the Worker has $size bytes, compressed; without a paid plan the platform takes 3 MiB."
  echo "the Worker has $size bytes, compressed"
}

edge() {
  (( $# )) || set -- dev --local --ip 127.0.0.1 --port 8787
  export CLOUDFLARE_CF_FETCH_ENABLED=false WRANGLER_SEND_METRICS=false # no requests of its own, no telemetry
  serve_with node web/edge/node_modules/wrangler/bin/wrangler.js "$@" --config web/edge/wrangler.toml
}

# ---- test --------------------------------------------------------------------

tests() {
  local part parts
  case $1 in
    all) parts=(go wasm page edge) ;;
    go | wasm | page | edge) parts=("$1") ;;
    *) usage >&2; fail "there is no part \"$1\" of the tests." ;;
  esac
  need_tools
  need_npm_packages web/test
  [[ $1 == go ]] || need_chromium
  [[ $1 != all && $1 != page ]] || need_browsers
  [[ $1 == go || $1 == wasm ]] || build
  for part in "${parts[@]}"; do "test_$part"; done
}

test_go() {
  local race=() others racing
  say "Go, natively"
  # The race detector needs a C compiler.
  if first_of gcc clang cc >/dev/null || { can_install && apt_install gcc libc6-dev; }; then
    race=(-race)
  else
    say "No C compiler, so no race detector (on Debian and Ubuntu: sudo apt-get install gcc libc6-dev)"
  fi
  mapfile -t others < <(comm -23 <(go list ./... | sort) <(go list "${racing_packages[@]}" | sort))
  go test "${race[@]}" "${racing_packages[@]}" & racing=$!
  go test "${others[@]}"
  wait "$racing"
}

test_wasm() {
  say "Go under js/wasm in Chromium, with each variant of the SIMD kernels"
  RESIDUA_RESNET50=$(go run ./weights/fetch -path float16) \
    RESIDUA_RESNET50_FLOAT32=$(go run ./weights/fetch -path float32) \
    GOOS=js GOARCH=wasm go test -exec "node '$PWD/web/test/gotest.mjs'" "${wasm_packages[@]}"
}

test_page() {
  build_test_site
  say "the page in Chromium, Firefox and WebKitGTK"
  node web/test/pagetests.mjs || fail "tests of the page failed."
}

# build_test_site makes what the tests of the page are served with: dist/ with
# small networks, and one server program for all files of tests.
build_test_site() {
  say "the small test site"
  go run ./web/test/smallsite dist dist-small
  RESIDUA_SERVER=$(temporary)/server
  export RESIDUA_SERVER
  go build -o "$RESIDUA_SERVER" ./web/server
}

test_edge() {
  build_edge
  say "the server and the Worker side by side"
  edge deploy --dry-run
  node --test web/test/blackbox.test.mjs
  say "the API in a page that Vite has built"
  go run ./web/test/smallsite dist dist-small
  need_npm_packages web/test/vite
  node --test web/test/vite.test.mjs
}

# ---- bench -------------------------------------------------------------------

bench() {
  need_tools
  need_npm_packages web/test
  need_npm_packages web/test/bench # the peers; half a gigabyte
  need_chromium
  build
  go run ./web/test/bench/models dist/bench
  node web/test/bench.mjs "$@"
}

# ---- check -------------------------------------------------------------------

check() {
  need_tools
  need_npm_packages web/test
  say "format";          check_format
  say "lines";           check_lines
  say "functions";       check_functions
  say "vet";             go vet ./...; GOOS=js GOARCH=wasm go vet ./...
  say "lint";            check_lint
  say "modules";         go mod tidy -diff
  say "types";           npm --prefix web/test run --silent types
  say "generated files"; check_generated
  say "import rules";    go test -count=1 ./internal/imports # Go cannot see what it depends on
  say "clean tree";      check_clean
  say "all is well"
}

check_format() {
  local wrong
  wrong=$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 gofmt -l)
  [[ -z $wrong ]] || fail "not as gofmt writes it: $wrong"
}

# check_lines refuses lines over 120 characters, with a tab as 4, and files over 500 lines. It skips generated files and
# test data, and in Markdown tables and the addresses of links.
check_lines() {
  local file long=() wide
  wide=$(mktemp "$scratch/XXXXXX")
  while IFS= read -r -d '' file; do
    case $file in */testdata/* | */vendor/*.d.ts | z* | */z*) continue ;; esac
    (( $(wc -l <"$file") <= 500 )) || long+=("$file")
    case $file in
      *.md) sed -e 's/^|.*//' -e 's/](\([^)]*\))/]/g' -e 's#https\{0,1\}://[^ )]*##g' "$file" ;;
      *) sed $'s/\t/    /g' "$file" ;;
    esac | LC_ALL=C.UTF-8 grep -nE '^.{121}' | sed "s|^|$file:|" >>"$wide" || true
  done < <(git ls-files -z --cached --others --exclude-standard '*.go' '*.js' '*.mjs' '*.sh' '*.md')
  [[ ! -s $wide ]] || fail "longer than 120 characters:"$'\n'"$(cut -c 1-150 "$wide")"
  (( ${#long[@]} == 0 )) || fail "longer than 500 lines: ${long[*]}"
}

# check_functions refuses functions over 120 lines. Both tests also run with the others.
check_functions() {
  go test ./internal/style
  node --test --test-reporter=dot web/test/unit-style.mjs
}

# The linter runs on this machine, and checks the code of both platforms.
check_lint() {
  local tools
  tools=$(temporary)
  GOBIN=$tools go install "$staticcheck"
  "$tools/staticcheck" ./...
  GOOS=js GOARCH=wasm "$tools/staticcheck" ./...
}

# Generated files have names that begin with z. They are deleted, generated again
# and compared. Where they differ the new ones stay, for git diff to show.
check_generated() {
  local last file files=() stale=()
  last=$(temporary)
  while IFS= read -r -d '' file; do
    files+=("$file")
    mkdir -p "$last/$(dirname "$file")"
    cp "$file" "$last/$file"
  done < <(git ls-files -z --cached --others --exclude-standard ':(glob)**/z*.go' ':(glob)**/z*.js' ':(glob)**/z*.wasm')
  rm "${files[@]}"
  go generate ./... || { cp -R "$last/." .; fail "go generate failed."; }
  for file in "${files[@]}"; do
    cmp -s "$last/$file" "$file" || stale+=("$file")
  done
  (( ${#stale[@]} == 0 )) || fail "not as go generate makes them: ${stale[*]}"
}

check_clean() {
  local changes
  changes=$(git status --porcelain)
  [[ -z $changes ]] || fail "the tree has changes that are not committed:"$'\n'"$changes"
}

# ---- what the machine must have ----------------------------------------------

need_tools() {
  local version
  command -v go >/dev/null || fail "Go is missing. Install Go 1.$go_minor or later: https://go.dev/dl/"
  # In this folder an older Go fetches the version that go.mod names, or fails where that is switched off.
  version=$(go env GOVERSION 2>/dev/null) || version=$(cd / && go env GOVERSION)
  if [[ $version =~ ^go1\.([0-9]+) ]] && (( BASH_REMATCH[1] < go_minor )); then
    fail "Go 1.$go_minor or later is needed, this is $version. Get it from https://go.dev/dl/"
  fi
  version=$(node --version 2>/dev/null) ||
    fail "Node is missing. Install Node $node_major or later: https://nodejs.org/"
  if [[ $version =~ ^v([0-9]+) ]] && (( BASH_REMATCH[1] < node_major )); then
    fail "Node $node_major or later is needed, this is $version. Get it from https://nodejs.org/"
  fi
  command -v npm >/dev/null || fail "npm is missing. It comes with Node: https://nodejs.org/"
}

# need_npm_packages FOLDER installs the packages of FOLDER/package-lock.json if that
# has changed since the last installation.
need_npm_packages() {
  local lock=$1/package-lock.json installed=$1/node_modules/.installed-lock.json
  cmp -s "$lock" "$installed" && return
  say "npm packages of $1"
  npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$lock" "$installed"
}

# need_chromium sets CHROMIUM, which the tests read.
need_chromium() {
  [[ -z ${CHROMIUM:-} ]] || {
    command -v "$CHROMIUM" >/dev/null || fail "CHROMIUM names $CHROMIUM, which is no program."
    export CHROMIUM
    return
  }
  if ! find_chromium; then
    can_install ||
      fail "Chromium is missing. Install it (on Debian and Ubuntu: sudo apt-get install chromium)," \
        "or set CHROMIUM to its path."
    apt_install chromium
    find_chromium || fail "Chromium was installed but is not to be found."
  fi
  export CHROMIUM
}

find_chromium() {
  CHROMIUM=$(first_of chromium chromium-browser google-chrome google-chrome-stable)
}

# need_browsers finds or installs Firefox and WebKitGTK. Without WebKitGTK the tests
# run in the other two browsers, and say so at their end.
need_browsers() {
  if [[ ${FIREFOX:-} ]]; then
    command -v "$FIREFOX" >/dev/null || fail "FIREFOX names $FIREFOX, which is no program."
  elif ! FIREFOX=$(first_of firefox-esr firefox); then
    can_install ||
      fail "Firefox is missing. Install it (on Debian: sudo apt-get install firefox-esr), or set FIREFOX to its path."
    apt_install firefox-esr || apt_install firefox || fail "Firefox could not be installed."
    FIREFOX=$(first_of firefox-esr firefox) || fail "Firefox was installed but is not to be found."
  fi
  export FIREFOX
  if ! first_of WebKitWebDriver >/dev/null || ! first_of Xvfb >/dev/null; then
    if can_install; then
      apt_install webkit2gtk-driver xvfb || say "WebKitGTK cannot be installed here: it is not tested"
    else
      say "WebKitGTK is missing, so it is not tested" \
        "(on Debian and Ubuntu: sudo apt-get install webkit2gtk-driver xvfb)"
    fi
  fi
}

# first_of NAME… prints the path of the first of these programs that is installed.
first_of() {
  local name
  for name; do
    command -v "$name" && return
  done
  return 1
}

can_install() { command -v apt-get >/dev/null && [[ $(id -u) == 0 ]]; }

apt_install() {
  say "installing $*"
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" >/dev/null
}

# ---- small things ------------------------------------------------------------

# temporary makes a folder that is deleted when the script ends.
scratch=$(mktemp -d) next=
trap 'rm -rf "$scratch" $next' EXIT
temporary() { mktemp -d "$scratch/XXXXXX"; }

say() { printf '\n== %s\n' "$*"; }

fail() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

no_more_than() {
  local most=$1 verb=${2:-build}
  shift
  (( $# <= most )) || fail "$verb takes no more arguments."
}

# step NAME FUNCTION runs a step of the build, and prints the size of its result and
# the time that it took.
step() {
  local began=$SECONDS made=
  "$2"
  printf '%-10s %8s %4d s\n' "$1" "$(size_of "$made")" $((SECONDS - began))
}

size_of() {
  find "$1" -type f -exec cat {} + | wc -c | awk '{
    if ($1 < 1e6) printf "%.0f kB", $1 / 1e3; else printf "%.1f MB", $1 / 1e6
  }'
}

main "$@"
