#!/usr/bin/env bash
# Runs a 389 Directory Server on this machine until a line comes on its standard input, or that ends; says "ready" when it serves. Needs root to
# become the user dirsrv.
#
#   ds389.sh FOLDER PORT TLS-PORT
set -euo pipefail
# Pipes that the tests have open are not ours: another server's standard input would else never end.
for descriptor in /proc/$$/fd/*; do
    if [ "${descriptor##*/}" -gt 2 ] && [[ $(readlink "$descriptor") = pipe:* ]]; then eval "exec ${descriptor##*/}>&-"; fi
done
folder=$1 port=$2 tls_port=$3
fail() { echo "ds389.sh: $1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "the tests with 389 Directory Server need root; run make test as root"
mkdir -p "$folder"/p/share/dirsrv/inf "$folder"/p/etc/{dirsrv,default}
cd "$folder"
# For the user dirsrv; what is above must be open to it, too.
chmod 755 "$folder"
# Makes the tools look here instead of in the system's folders.
export PREFIX=$folder/p
sed -e 's/^with_systemd = .*/with_systemd = 0/' \
    -e "s#= /etc/#= $PREFIX/etc/#; s#= /run/lock/#= $PREFIX/lock/#; s#= /run#= $PREFIX/run#; s#= /var#= $PREFIX/var#" \
    -e "s#= /dev/shm/#= $PREFIX/shm/#; s#^sysconf_dir = /etc#sysconf_dir = $PREFIX/etc#" \
    /usr/share/dirsrv/inf/defaults.inf >p/share/dirsrv/inf/defaults.inf
cp -r /etc/dirsrv/schema /etc/dirsrv/config p/etc/dirsrv/
mkdir -p p/{run/dirsrv,lock/dirsrv,shm,var/log/dirsrv,var/lib/dirsrv}
chown -R dirsrv:dirsrv p/{run,lock,shm,var}
cat >instance.inf <<END
[general]
config_version = 2
full_machine_name = localhost
strict_host_checking = False
start = False
selinux = False
[slapd]
instance_name = test
port = $port
secure_port = $tls_port
root_password = dirmgr-secret
self_sign_cert = False
[backend-userroot]
suffix = dc=example,dc=test
create_suffix_entry = True
END
dscreate -v from-file instance.inf >dscreate.log 2>&1 || { tail -5 dscreate.log >&2; fail "dscreate failed"; }
configuration=p/etc/dirsrv/slapd-test
# On the loopback interface only; nested groups in memberOf.
/usr/bin/python3 - "$configuration/dse.ldif" <<'END'
import sys

path = sys.argv[1]
with open(path) as file:
    text = file.read()
text = text.replace("nsslapd-port:", "nsslapd-listenhost: 127.0.0.1\nnsslapd-securelistenhost: 127.0.0.1\nnsslapd-port:", 1)
start = text.index("dn: cn=MemberOf Plugin,cn=plugins,cn=config")
end = text.index("\n\n", start)
plugin = text[start:end].replace("nsslapd-pluginEnabled: off", "nsslapd-pluginEnabled: on")
plugin = plugin.replace("memberofattr: memberOf", "memberofattr: memberOf\nmemberofautoaddoc: nsMemberOf")
with open(path, "w") as file:
    file.write(text[:start] + plugin + text[end:])
END
ns-slapd -D "$folder/$configuration" -i "$folder/p/run/dirsrv/server.pid" -d 0 >server.out 2>&1 </dev/null &
server=$!
# No gentler signal: what the tests start inherits that they block the others.
trap 'kill -KILL $server 2>/dev/null; wait $server 2>/dev/null' EXIT
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 $server || { tail -5 server.out >&2; fail "ns-slapd has ended"; }
    sleep 0.1
done
manager=(-x -H "ldap://127.0.0.1:$port" -D "cn=Directory Manager" -w dirmgr-secret)
ldapadd "${manager[@]}" >load.log 2>&1 <<'END' || { tail -5 load.log >&2; fail "the content could not be added"; }
dn: ou=people,dc=example,dc=test
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=test
objectClass: organizationalUnit
ou: groups

dn: uid=alice,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: alice
cn: Alice Example
sn: Example
mail: alice@example.test
userPassword: alice-pw-123

dn: uid=locked,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: locked
cn: Locked Out
sn: Out
userPassword: locked-pw-123
nsAccountLock: true

dn: cn=operators,ou=groups,dc=example,dc=test
objectClass: groupOfNames
cn: operators
member: uid=alice,ou=people,dc=example,dc=test

dn: cn=staff,ou=groups,dc=example,dc=test
objectClass: groupOfNames
cn: staff
member: cn=operators,ou=groups,dc=example,dc=test
END
ldapmodify "${manager[@]}" >>load.log 2>&1 <<'END' || { tail -5 load.log >&2; fail "the rights could not be given"; }
dn: dc=example,dc=test
changetype: modify
add: aci
aci: (targetattr="*")(version 3.0; acl "all read"; allow (read,search,compare) userdn="ldap:///anyone";)
END
echo ready
# Until a line comes, or whoever has started it has ended, however that was.
read -r _ || true
kill -KILL $server
wait $server 2>/dev/null || true
echo stopped
