#!/usr/bin/env bash
# Runs an OpenLDAP directory on this machine until a line comes on its standard input, or that ends; says "ready" when it serves. What is in FOLDER
# already is kept, so that it can be started again. Needs no root.
#
#   openldap.sh FOLDER PORT TLS-PORT
#
# In the environment:
#   CERTIFICATE   server, wrongname or expired; none: a server without TLS on PORT only
#   UNAUTHENTICATED=1   says yes to binds with a name and no password, as Active Directory does
#   TLS_CIPHERS   priorities of GnuTLS
set -euo pipefail
# Pipes that the tests have open are not ours: another server's standard input would else never end.
for descriptor in /proc/$$/fd/*; do
    if [ "${descriptor##*/}" -gt 2 ] && [[ $(readlink "$descriptor") = pipe:* ]]; then eval "exec ${descriptor##*/}>&-"; fi
done
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1 port=$2 tls_port=$3
certificate=${CERTIFICATE:-server}
mkdir -p "$folder/db"
cd "$folder"
[ -e tls/ca.pem ] || "$here/certificates.sh" "$folder/tls"

{
    for schema in core cosine nis inetorgperson; do echo "include /etc/ldap/schema/$schema.schema"; done
    cat <<END
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
pidfile $folder/slapd.pid
END
    if [ "$certificate" != none ]; then
        cat <<END
TLSCACertificateFile $folder/tls/ca.pem
TLSCertificateFile $folder/tls/$certificate.pem
TLSCertificateKeyFile $folder/tls/$certificate.key
TLSVerifyClient try
END
    fi
    [ -z "${TLS_CIPHERS:-}" ] || echo "TLSCipherSuite $TLS_CIPHERS"
    [ -z "${UNAUTHENTICATED:-}" ] || echo "allow bind_anon_dn"
    cat <<END
authz-regexp "^cn=xo-service$" "cn=reader,ou=services,dc=example,dc=test"
database mdb
suffix dc=example,dc=test
rootdn cn=admin,dc=example,dc=test
rootpw admin-secret
directory $folder/db
maxsize 134217728
dbnosync
index objectClass,uid,cn,member,memberUid,entryUUID eq
sizelimit size.soft=500 size.hard=1000 size.prtotal=unlimited
overlay memberof
overlay ppolicy
ppolicy_default cn=default,ou=policies,dc=example,dc=test
ppolicy_use_lockout
access to attrs=userPassword by self write by anonymous auth by * none
access to dn.subtree=ou=hidden,dc=example,dc=test by * none
access to * by dn.exact=cn=reader,ou=services,dc=example,dc=test read by self read by anonymous auth by * none
END
} >slapd.conf

if [ ! -e db/data.mdb ]; then
    # Written before the server runs, so also what only the server may write: memberOf, the state of accounts.
    /usr/bin/python3 "$here/openldap.py" >content.ldif
    /usr/sbin/slapadd -q -f slapd.conf -l content.ldif
fi

urls="ldap://127.0.0.1:$port/"
[ "$certificate" = none ] || urls="$urls ldaps://127.0.0.1:$tls_port/"
/usr/sbin/slapd -d 0 -f slapd.conf -h "$urls" &
server=$!
# No gentler signal: what the tests start inherits that they block the others.
trap 'kill -KILL $server 2>/dev/null; wait $server 2>/dev/null' EXIT
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 $server || { echo "openldap.sh: slapd has ended" >&2; exit 1; }
    sleep 0.05
done
echo ready
# Until a line comes, or whoever has started it has ended, however that was.
read -r _ || true
kill -KILL $server
wait $server 2>/dev/null || true
echo stopped
