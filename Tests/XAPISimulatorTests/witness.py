"""Uses a simulated pool as the official client does: witness.py URL USER PASSWORD"""

import ssl
import sys

import XenAPI


def expect_failure(call, *details):
    try:
        call()
    except XenAPI.Failure as failure:
        assert failure.details == list(details), failure.details
    else:
        raise AssertionError("expected " + details[0])


def wait(xenapi, task):
    token = ""
    while True:
        batch = xenapi.event_from(["task/" + task], token, 30.5)
        token = batch["token"]
        for event in batch["events"]:
            if event["snapshot"]["status"] != "pending":
                return event["snapshot"]


def main(url, user, password):
    # The certificate is made anew at each start, so there is nothing to check it against.
    ssl._create_default_https_context = ssl._create_unverified_context
    session = XenAPI.Session(url, ignore_ssl=True)
    expect_failure(
        lambda: session.login_with_password(user, "wrong"),
        "SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")
    session.login_with_password(user, password, "1.0", "witness")
    xenapi = session.xenapi
    assert session.API_version == "2.21", session.API_version

    pool = list(xenapi.pool.get_all_records().values())[0]
    assert xenapi.host.get_name_label(pool["master"]) == "xcp-01"
    vms = xenapi.VM.get_all_records()
    vm, record = next(
        (ref, record) for ref, record in vms.items()
        if record["power_state"] == "Halted" and not record["is_a_template"])
    assert isinstance(record["is_a_template"], bool)
    assert isinstance(record["VCPUs_max"], str), "integers are sent as text"
    assert isinstance(record["HVM_shadow_multiplier"], float)
    assert record["snapshot_time"].value == "19700101T00:00:00Z"
    assert xenapi.VM.get_by_uuid(record["uuid"]) == vm

    token = xenapi.event.inject("pool", list(xenapi.pool.get_all())[0])
    xenapi.VM.start(vm, False, False)
    assert xenapi.VM.get_power_state(vm) == "Running"
    batch = xenapi.event_from(["vm", "host", "message"], token, 10.5)
    kinds = {(event["class"], event["operation"]) for event in batch["events"]}
    assert ("vm", "mod") in kinds and ("message", "add") in kinds, kinds
    assert isinstance(batch["valid_ref_counts"]["vm"], int)

    expect_failure(lambda: xenapi.VM.start(vm, False, False), "VM_BAD_POWER_STATE", vm, "halted", "running")
    task = getattr(xenapi, "Async").VM.hard_shutdown(vm)
    result = wait(xenapi, task)
    assert result["status"] == "success" and result["result"] == "<value></value>", result
    xenapi.task.destroy(task)

    xenapi.VM.add_to_other_config(vm, "witness", "<&>")
    assert xenapi.VM.get_other_config(vm)["witness"] == "<&>"
    xenapi.VM.remove_from_other_config(vm, "witness")
    network = xenapi.network.create({"name_label": "made", "name_description": "", "MTU": "1500", "other_config": {}})
    assert xenapi.network.get_MTU(network) == "1500"
    xenapi.network.destroy(network)
    session.logout()
    print("all is well")


main(*sys.argv[1:])
