# Sourced by the setup scripts.

apt_install() { # Debian packages $@, as root on Debian only
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
    echo "setup: installing $* with apt-get" >&2
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}
