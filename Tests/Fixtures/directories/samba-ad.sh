#!/usr/bin/env bash
# Runs an Active Directory domain controller (Samba, its LDAP service only) until a line comes on its standard input, or that ends; says "ready"
# when it serves. Its ports are fixed (389, 636, 3268, 3269), so it needs root and an address of its own.
#
#   samba-ad.sh FOLDER ADDRESS      such as 127.0.0.77
set -euo pipefail
# Pipes that the tests have open are not ours: another server's standard input would else never end.
for descriptor in /proc/$$/fd/*; do
    if [ "${descriptor##*/}" -gt 2 ] && [[ $(readlink "$descriptor") = pipe:* ]]; then eval "exec ${descriptor##*/}>&-"; fi
done
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1 address=$2
fail() { echo "samba-ad.sh: $1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "the tests with Active Directory need root, because Samba's ports are below 1024; run make test as root"
for port in 389 636 3268 3269; do
    if (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null; then
        fail "something listens at $address:$port already, a directory on all addresses perhaps; stop it for the tests"
    fi
done
mkdir -p "$folder"/{log,run}
cd "$folder"
"$here/certificates.sh" "$folder/tls" "$address"
: >empty.conf
samba-tool domain provision --configfile="$folder/empty.conf" --targetdir="$folder" \
    --realm=AD.EXAMPLE.TEST --domain=ADEX --host-name=dc1 --host-ip="$address" --server-role=dc --dns-backend=NONE \
    --use-rfc2307 --adminpass=Adm1n-Passw0rd \
    --option="interfaces=$address/8" --option="bind interfaces only=yes" --option="pid directory=$folder/run" \
    --option="log file=$folder/log/samba.log" --option="posix:eadb=$folder/private/eadb.tdb" \
    --option="server services=ldap" --option="ldap server require strong auth=allow_sasl_over_tls" \
    --option="tls enabled=yes" --option="tls keyfile=$folder/tls/server.key" \
    --option="tls certfile=$folder/tls/server.pem" --option="tls cafile=$folder/tls/ca.pem" \
    >log/provision.log 2>&1 || { tail -5 log/provision.log >&2; fail "provisioning failed"; }

# One program for all of it: starting samba-tool takes a second each time. Samba is in the path of Debian's Python only.
/usr/bin/python3 "$here/samba-ad.py" "$folder/etc/smb.conf" "$folder/private/sam.ldb" >log/content.log 2>&1 ||
    { tail -5 log/content.log >&2; fail "the accounts could not be made"; }

samba --configfile="$folder/etc/smb.conf" -i -M single --no-process-group --debug-stdout >log/samba.out 2>&1 </dev/null &
server=$!
# No gentler signal: what the tests start inherits that they block the others.
trap 'kill -KILL $server 2>/dev/null; wait $server 2>/dev/null' EXIT
until (exec 3<>"/dev/tcp/$address/636") 2>/dev/null; do
    kill -0 $server || { tail -5 log/samba.out >&2; fail "samba has ended"; }
    sleep 0.1
done
echo ready
# Until a line comes, or whoever has started it has ended, however that was.
read -r _ || true
kill -KILL $server
wait $server 2>/dev/null || true
echo stopped
