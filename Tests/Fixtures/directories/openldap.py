"""The content of the OpenLDAP test directory, as LDIF."""
import base64

SUFFIX = "dc=example,dc=test"
PEOPLE = f"ou=people,{SUFFIX}"
GROUPS = f"ou=groups,{SUFFIX}"


def entry(name, *attributes):
    print(f"dn:: {base64.b64encode(name.encode()).decode()}")
    for key, value in attributes:
        value = value if isinstance(value, bytes) else value.encode()
        print(f"{key}:: {base64.b64encode(value).decode()}")
    print()


def person(relative, *attributes, below=PEOPLE, classes=("inetOrgPerson",), surname="Example"):
    entry(f"{relative},{below}", *[("objectClass", name) for name in classes], ("sn", surname), *attributes)


def group(name, *members, classes=("groupOfNames",), key="member", **more):
    entry(f"cn={name},{GROUPS}", *[("objectClass", c) for c in classes], ("cn", name),
          *[(key, member) for member in members], *more.items())


def member_of(*names):
    return [("memberOf", f"cn={name},{GROUPS}") for name in names]


entry(SUFFIX, ("objectClass", "dcObject"), ("objectClass", "organization"), ("o", "Example"), ("dc", "example"))
for unit in ["people", "groups", "services", "policies", "hidden"]:
    entry(f"ou={unit},{SUFFIX}", ("objectClass", "organizationalUnit"), ("ou", unit))
entry(f"ou=contractors,{PEOPLE}", ("objectClass", "organizationalUnit"), ("ou", "contractors"))
entry(f"cn=default,ou=policies,{SUFFIX}", ("objectClass", "device"), ("objectClass", "pwdPolicy"), ("cn", "default"),
      ("pwdAttribute", "userPassword"), ("pwdLockout", "TRUE"), ("pwdMaxFailure", "5"), ("pwdMustChange", "TRUE"))
entry(f"cn=reader,ou=services,{SUFFIX}", ("objectClass", "organizationalRole"), ("objectClass", "simpleSecurityObject"),
      ("cn", "reader"), ("userPassword", "reader-secret"))

POSIX = ("inetOrgPerson", "posixAccount", "shadowAccount")


def posix(uid, number, *attributes):
    person(f"uid={uid}", ("uid", uid), ("cn", uid.title()), ("uidNumber", str(number)), ("gidNumber", str(number)),
           ("homeDirectory", f"/home/{uid}"), ("userPassword", f"{uid}-pw"), *attributes, classes=POSIX)


posix("alice", 1001, ("mail", "alice@example.test"), ("displayName", "Alice Example"), ("departmentNumber", "IT"),
      *member_of("operators", "dup1"))
posix("expired", 1002, ("shadowExpire", "1"))
posix("never", 1003, ("shadowExpire", "-1"))
for uid in ["bob", "closed", "guessed", "renamed", "reset"]:
    more = {"closed": [("pwdAccountLockedTime", "000001010000Z")], "reset": [("pwdReset", "TRUE")],
            "bob": member_of("operators", "dup2")}.get(uid, [])
    person(f"uid={uid}", ("uid", uid), ("cn", uid.title()), ("mail", f"{uid}@example.test"),
           ("userPassword", f"{uid}-pw"), *more)
# The same name twice, with two passwords.
person("uid=carol", ("uid", "carol"), ("cn", "Carol Main"), ("userPassword", "carol-main"))
person("uid=carol", ("uid", "carol"), ("cn", "Carol Contractor"), ("userPassword", "carol-contractor"),
       below=f"ou=contractors,{PEOPLE}")
# What filters and names must escape; what is not ASCII, with two names; what has no password.
person(r"uid=we\2Cird\5C\28x\29*\22", ("uid", 'we,ird\\(x)*"'), ("cn", "Weird"), ("userPassword", "weird-pw"))
person("uid=éloïse", ("uid", "éloïse"), ("uid", "eloise"), ("cn", "Éloïse"), ("userPassword", "pässwörd ✓"))
person("uid=nopw", ("uid", "nopw"), ("cn", "No Password"))
person("uid=short", ("uid", "short"), ("cn", "Short"), ("userPassword", "x"))
person("uid=long", ("uid", "long"), ("cn", "Long"), ("userPassword", "p" * 4096))

# staff > operators, admins; staff and all are in each other.
group("operators", f"uid=alice,{PEOPLE}", f"UID=Bob, {PEOPLE}")
group("admins", f"uid=carol,{PEOPLE}")
group("staff", *[f"cn={name},{GROUPS}" for name in ["operators", "admins", "all"]])
group("all", f"cn=staff,{GROUPS}")
group("dup1", f"uid=alice,{PEOPLE}", description="Same Name")
group("dup2", f"uid=bob,{PEOPLE}", description="Same Name")
group("posixstaff", "alice", "bob", "ghost", classes=("posixGroup",), key="memberUid", gidNumber="5001")
group("crowd", *[f"uid=u{number:05},{PEOPLE}" for number in range(1500)])

# Somebody in 2000 groups.
person("uid=many", ("uid", "many"), ("cn", "Many"), ("userPassword", "many-pw"),
       *member_of(*[f"g{number:04}" for number in range(2000)]))
for number in range(2000):
    group(f"g{number:04}", f"uid=many,{PEOPLE}")
# Enough people for limits to show.
for number in range(1500):
    person(f"uid=u{number:05}", ("uid", f"u{number:05}"), ("cn", "Filler"))
