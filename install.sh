#!/bin/sh
# Installs till: the binary, its completions and its man pages. See `sh install.sh --help`.
# shellcheck disable=SC2016 # backquotes in messages are quotation marks
set -eu
umask 022

usage() {
  cat <<'EOT'
Usage: sh install.sh [--prefix DIR] [--archive FILE [--sha256 HEX]]
       sh install.sh --uninstall [--prefix DIR]

Without --archive, builds till from this checkout with cargo and installs it.
With it, verifies the archive's SHA-256 and installs what is in it.

  --prefix DIR    where to install: DIR/bin, DIR/share
                  (default: /usr/local for root, ~/.local for others)
  --archive FILE  till-VERSION-TARGET.tar.gz, with FILE.sha256 beside it
  --sha256 HEX    the checksum that the archive must have, in place of FILE.sha256
  --uninstall     removes what an earlier run installed under the prefix
  -h, --help      prints this

Nothing is changed until everything has been built or verified, and each file is
replaced in one step.
EOT
}

fail() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  hint: %s\n' "$2" >&2
  exit 1
}

misused() {
  printf 'error: %s\n  hint: `sh install.sh --help` shows the usage\n' "$1" >&2
  exit 2
}

prefix=
archive=
sha256=
uninstall=

while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --archive | --sha256)
      { [ $# -ge 2 ] && [ -n "$2" ]; } || misused "\`$1\` needs a value"
      case $1 in
        --prefix) prefix=$2 ;;
        --archive) archive=$2 ;;
        --sha256) sha256=$2 ;;
      esac
      shift 2
      ;;
    --uninstall)
      uninstall=yes
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) misused "unknown argument \`$1\`" ;;
  esac
done

[ -z "$uninstall" ] || [ -z "$archive$sha256" ] || misused '`--uninstall` takes no archive'
[ -n "$archive" ] || [ -z "$sha256" ] || misused '`--sha256` goes with `--archive`'

if [ -z "$prefix" ]; then
  if [ "$(id -u)" -eq 0 ]; then
    prefix=/usr/local
  else
    [ -n "${HOME:-}" ] || fail 'HOME is not set' 'say where to install with `--prefix DIR`'
    prefix=$HOME/.local
  fi
fi
case $prefix in
  /*) ;;
  *) prefix=$PWD/$prefix ;;
esac

# The names of all installed files, relative to the prefix, one a line. What is not listed here was
# not installed by this script, and is never removed by it. The directories that it made have a list
# of their own, each after the one that it lies in.
list=$prefix/share/till/installed-files
made_list=$prefix/share/till/made-directories

# Removes the files that list $1 names and list $2 does not.
remove_listed() {
  while IFS= read -r file; do
    case $file in
      '' | /* | *..*) continue ;;
    esac
    grep -qxF -e "$file" "$2" || rm -f -- "$prefix/$file"
  done <"$1"
}

# Removes the directories that are listed, the deepest first. What others have put something into
# stays.
rmdir_listed() {
  sed '1!G;h;$!d' | while IFS= read -r directory; do
    case $directory in
      '' | /* | *..*) continue ;;
      .) directory=$prefix ;;
      *) directory=$prefix/$directory ;;
    esac
    rmdir -- "$directory" 2>/dev/null || true
  done
}

if [ -n "$uninstall" ]; then
  [ -f "$list" ] || fail "till is not installed under \`$prefix\`" \
    'say where it is with `--prefix DIR`'
  [ -w "$prefix/bin" ] || fail "\`$prefix/bin\` cannot be written"
  work=$(mktemp -d "${TMPDIR:-/tmp}/till-install.XXXXXX")
  trap 'rm -rf -- "$work"' EXIT
  { [ -f "$made_list" ] && cp -- "$made_list" "$work/made"; } || : >"$work/made"
  remove_listed "$list" /dev/null
  rm -f -- "$list" "$made_list"
  rmdir_listed <"$work/made"
  rmdir -- "$prefix/share/till" 2>/dev/null || true
  printf 'removed till from %s; the store and its keys are where they were\n' "$prefix"
  exit 0
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/till-install.XXXXXX")
staged=$work/staged
: >"$staged"
: >"$work/made"

# Removes what is half done. Once everything has its place, nothing is listed in `staged` and `made`.
clean() {
  while IFS= read -r file; do
    rm -f -- "$file.till-new"
  done <"$staged"
  rmdir_listed <"$work/made"
  rm -rf -- "$work"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

checksum_of() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum <"$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 <"$1" | cut -d ' ' -f 1
  else
    fail 'no program to compute a SHA-256 with' 'install `sha256sum` or `shasum`'
  fi
}

# Verifies and unpacks the archive, and prints the folder that holds its content. It works on a
# copy of its own, so that what is unpacked is what was verified.
unpack() {
  name=${archive##*/}
  case $name in
    till-*-*.tar.gz) ;;
    *) fail "\`$name\` is no archive of till" 'its name is till-VERSION-TARGET.tar.gz' ;;
  esac
  [ -f "$archive" ] || fail "there is no file \`$archive\`"
  if [ -z "$sha256" ]; then
    [ -f "$archive.sha256" ] || fail "there is no \`$archive.sha256\` to verify the archive with" \
      'fetch it too, or give the checksum with `--sha256 HEX`'
    read -r sha256 _ <"$archive.sha256" || [ -n "$sha256" ] || fail "\`$archive.sha256\` is empty"
  fi
  sha256=$(printf '%s' "$sha256" | tr 'A-F' 'a-f')
  case $sha256 in
    *[!0-9a-f]*) fail 'the expected checksum is no SHA-256: it is not hexadecimal' ;;
  esac
  [ "${#sha256}" -eq 64 ] || fail 'the expected checksum is no SHA-256: it has not 64 digits'
  cp -- "$archive" "$work/archive.tar.gz" || fail "\`$archive\` cannot be read"
  found=$(checksum_of "$work/archive.tar.gz")
  [ "$found" = "$sha256" ] || fail \
    "the SHA-256 of \`$name\` is $found, and $sha256 was expected; nothing was installed" \
    'fetch the archive again'
  gzip -dc <"$work/archive.tar.gz" 2>/dev/null | tar -tf - >"$work/names" 2>/dev/null ||
    fail "\`$name\` is no tar.gz file"
  folder=${name%.tar.gz}
  while IFS= read -r entry; do
    case $entry in
      /* | *..*) fail "\`$name\` has an entry outside of its folder: \`$entry\`" ;;
      "$folder" | "$folder"/*) ;;
      *) fail "\`$name\` has an entry outside of its folder: \`$entry\`" ;;
    esac
  done <"$work/names"
  gzip -dc <"$work/archive.tar.gz" | tar -xf - -C "$work" || fail "\`$name\` cannot be unpacked"
  printf '%s\n' "$work/$folder"
}

# Builds the binary of the checkout.
build() {
  grep -q '^name = "till"$' "$checkout/Cargo.toml" 2>/dev/null ||
    fail "\`$checkout\` is no checkout of till" 'install a release with `--archive FILE`'
  command -v cargo >/dev/null 2>&1 || fail '`cargo` is not installed' \
    'install Rust, or a release of till with `--archive FILE`'
  cargo build --release --locked --bin till --manifest-path "$checkout/Cargo.toml" \
    --target-dir "$target_dir" >&2 || fail 'the build failed'
}

# Makes directory $1 (relative to the prefix, or `.` for it) and those above it, and notes each that
# was not there.
make_directory() {
  made=$prefix/$1
  case $1 in
    .) made=$prefix ;;
    */*) make_directory "${1%/*}" && made=$prefix/$1 ;;
    *) make_directory . && made=$prefix/$1 ;;
  esac
  [ ! -d "$made" ] || return 0
  mkdir -p -- "$made" || fail "\`$made\` cannot be made" \
    'say where to install with `--prefix DIR`'
  printf '%s\n' "$1" >>"$work/made"
}

# Copies file $1 beside its place $3 (relative to the prefix), with mode $2.
stage() {
  { [ -f "$1" ] && [ ! -L "$1" ]; } || fail "\`${1##*/}\` is missing: what is installed is not whole"
  target=$prefix/$3
  [ ! -d "$target" ] || fail "\`$target\` is a directory"
  make_directory "${3%/*}"
  printf '%s\n' "$target" >>"$staged"
  { cp -- "$1" "$target.till-new" && chmod "$2" "$target.till-new"; } ||
    fail "\`${target%/*}\` cannot be written" 'say where to install with `--prefix DIR`'
  printf '%s\n' "$3" >>"$work/list"
}

if [ -n "$archive" ]; then
  from=$(unpack)
  binary=$from/till
else
  checkout=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
  target_dir=${CARGO_TARGET_DIR:-$checkout/target}
  build
  from=$checkout
  binary=$target_dir/release/till
fi

version=$("$binary" --version 2>/dev/null) ||
  fail 'the binary does not run on this machine; nothing was installed' \
    'take the archive for this machine, or build from a checkout'

stage "$binary" 755 bin/till
stage "$from/completions/till.bash" 644 share/bash-completion/completions/till
stage "$from/completions/_till" 644 share/zsh/site-functions/_till
stage "$from/completions/till.fish" 644 share/fish/vendor_completions.d/till.fish
for page in "$from"/man/*.1; do
  stage "$page" 644 "share/man/man1/${page##*/}"
done
# Staged last: the lists do not name themselves. What an earlier run made is still ours.
make_directory share/till
[ ! -f "$made_list" ] || cat -- "$made_list" "$work/made" >"$work/all-made"
[ -f "$work/all-made" ] || cp -- "$work/made" "$work/all-made"
stage "$work/all-made" 644 share/till/made-directories
stage "$work/list" 644 share/till/installed-files

if [ -f "$list" ]; then
  cp -- "$list" "$work/earlier"
else
  : >"$work/earlier"
fi
while IFS= read -r target; do
  mv -f -- "$target.till-new" "$target"
done <"$staged"
: >"$staged"
: >"$work/made"
# What an earlier version had and this one has not.
remove_listed "$work/earlier" "$list"

printf 'installed %s in %s\n' "$version" "$prefix"
case :$PATH: in
  *:"$prefix/bin":*) ;;
  *) printf 'note: %s is not in PATH\n' "$prefix/bin" >&2 ;;
esac
