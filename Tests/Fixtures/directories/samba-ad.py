"""Accounts and groups of the Active Directory test domain: samba-ad.py SMB.CONF SAM.LDB"""
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

settings = LoadParm()
settings.load(sys.argv[1])
db = SamDB(url=sys.argv[2], session_info=system_session(), lp=settings)
base = db.domain_dn()

db.set_minPwdLength("1")
db.set_minPwdAge("0")
db.set_pwdProperties("0")
change = ldb.Message(ldb.Dn(db, base))
limits = {"pwdHistoryLength": "0", "lockoutThreshold": "5", "lockoutDuration": "-600000000",
          "lockOutObservationWindow": "-600000000"}
for key, value in limits.items():
    change[key] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, key)
db.modify(change)

for name in ["alice", "bob", "dave", "erin", "frank", "reader", "guessed"]:
    db.newuser(name, f"{name}-pw", givenname=name.title(), surname="Example", mailaddress=f"{name}@ad.example.test",
               force_password_change_at_next_login_req=name == "frank")
db.disable_account("(sAMAccountName=dave)")
db.setexpiry("(sAMAccountName=erin)", 0)
db.add({"dn": rf"CN=Name\, Weird (x)*,CN=Users,{base}", "objectClass": "user", "sAMAccountName": "we(ird)",
        "userPrincipalName": "we(ird)@ad.example.test"})
db.setpassword("(sAMAccountName=we\\28ird\\29)", "weird-pw")
db.enable_account("(sAMAccountName=we\\28ird\\29)")

# everyone > staff > operators > alice; staff > bob
for group, members in {"operators": ["alice"], "staff": ["operators", "bob"], "everyone": ["staff"]}.items():
    db.newgroup(group)
    db.add_remove_group_members(group, members)
