"""The verdict tables: every combination of the witnesses, each with the value and the reason it must have.

The expectations are written as sets of rows, from the rules, and know nothing of how the judges are built: a row that
may say "no" is spelled out, and all that are not must not.
"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyworker.findings import MISSING, NOTES, REASONS, Unread
from pyworker.ios import locks, reads
from pyworker.probes import Observations, judge_all, parsed

JUDGES = {probe.name: probe.judge for probe in locks.PROBES}

TIMEOUT = Unread("timeout")
REFUSED = Unread("refused")
NOT_PAIRED = Unread("not_paired")
LOCKED = Unread("locked")
FAILED = (TIMEOUT, REFUSED, LOCKED)
ABSENT = object()

NO_PROFILES = {"Status": "Acknowledged", "OrderedIdentifiers": [], "ProfileManifest": {}, "ProfileMetadata": {}}
PUBLIC = {"ProductType": "iPhone14,5", "UniqueDeviceID": "00008110-0001", "DeviceName": "bench"}


def phone(*, flag=b"NO", nvram=b"NO", associated=False, state="Activated", done=True, setup_state="SetupUsingAssistant",
          chaperoned=False, cloud=None, profiles=None):
    """Raw answers as a session brings them home. An Unread stands for the whole read; ABSENT for a missing key."""
    values = {**PUBLIC, "SerialNumber": "F17", "PasswordProtected": False}
    if state is not ABSENT:
        values["ActivationState"] = state
    if flag is not ABSENT:
        values["NonVolatileRAM"] = {"auto-boot": b"true", "fm-activation-locked": flag}
    return {
        reads.ALL_VALUES: values,
        reads.NVRAM_OPTIONS: {} if nvram is ABSENT else nvram if isinstance(nvram, Unread) else
            {"fm-activation-locked": nvram},
        reads.FIND_MY: MISSING if associated is ABSENT else associated,
        reads.SETUP_DONE: MISSING if done is ABSENT else done,
        reads.SETUP_STATE: MISSING if setup_state is ABSENT else setup_state,
        reads.CHAPERONE: MISSING if chaperoned is ABSENT else chaperoned,
        reads.CLOUD_CONFIGURATION: {"Status": "Acknowledged"} if cloud is None else cloud,
        reads.PROFILES: NO_PROFILES if profiles is None else profiles,
    }


def judged(name, answers):
    return JUDGES[name](Observations(parsed(answers)))


def unpaired(reason=NOT_PAIRED):
    """A phone without a session: public values, and each question that needs one unanswered for the same reason."""
    return {read: reason for read in reads.ALL} | {reads.ALL_VALUES: dict(PUBLIC)}


# --- Activation Lock ----------------------------------------------------------------------------------------------

FLAGS = (b"YES", b"NO", ABSENT, b"\xff\xfe")
REGISTRY_FLAGS = (*FLAGS, *FAILED)
ASSOCIATIONS = (True, False, ABSENT, *FAILED)
STATES = ("Activated", "Unactivated", "FactoryActivated", ABSENT)
DONE = (True, False, ABSENT, TIMEOUT)
SETUP_STATES = ("SetupUsingAssistant", "RestoredFromiTunesBackup", "RestoringFromBackup", ABSENT, TIMEOUT)

# The only rows of the whole table that may say "not locked".
MAY_SAY_NO = {
    (flag, nvram, False, "Activated", done, setup_state)
    for flag, nvram in ((b"NO", b"NO"), (b"NO", ABSENT), (ABSENT, b"NO"))
    for done, setup_state in (
        (True, "SetupUsingAssistant"), (True, "RestoredFromiTunesBackup"), (True, ABSENT),
        (ABSENT, "SetupUsingAssistant"))
}


def must_say_yes(flag, nvram, associated):
    if associated is True:
        return True
    return b"YES" in (flag, nvram) and b"NO" not in (flag, nvram)


def reasons_that_fit(flag, nvram, associated, state, done, setup_state):
    """Why the answer is null. More than one may be true of a row; the judge picks one of them."""
    if {flag, nvram} == {b"YES", b"NO"}:
        return {"conflict"}
    if state == "Unactivated" or done is False or setup_state == "RestoringFromBackup":
        return {"setup_assistant_unreliable"}
    fitting = {answer.reason for answer in (nvram, associated, done, setup_state) if isinstance(answer, Unread)}
    if b"\xff\xfe" in (flag, nvram):
        fitting.add("unreadable")
    if fitting:
        return fitting
    not_set_up = done is ABSENT and setup_state != "SetupUsingAssistant"
    if flag is nvram is ABSENT or associated is ABSENT or state is ABSENT or not_set_up:
        return {"key_missing"}
    return {"unusual_activation"}


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("nvram", REGISTRY_FLAGS)
def test_every_combination_of_the_witnesses_of_the_activation_lock(flag, nvram):
    for row in product([flag], [nvram], ASSOCIATIONS, STATES, DONE, SETUP_STATES):
        names = ("flag", "nvram", "associated", "state", "done", "setup_state")
        finding = judged("activation_locked", phone(**dict(zip(names, row, strict=True))))
        if must_say_yes(*row[:3]):
            assert finding.value is True, row
        elif row in MAY_SAY_NO:
            assert finding.value is False, row
        else:
            assert finding.value is None, row
            assert finding.reason in reasons_that_fit(*row), row


def test_the_table_has_a_row_for_a_clean_phone_and_it_says_no():
    finding = judged("activation_locked", phone())
    assert finding.as_json()["value"] is False
    assert "apple_is_the_authority" in finding.notes


NAMESPACE = "40A0DDD2-77F8-4392-B4A3-1E7304206516:"


def test_the_flag_is_understood_in_the_systems_namespace():
    hello = phone(flag=ABSENT, nvram=ABSENT, associated=False, state="Unactivated", done=False)
    locked = {**hello, reads.NVRAM_OPTIONS: {NAMESPACE + "fm-activation-locked": b"YES", "auto-boot": b"true"}}
    assert judged("activation_locked", locked).value is True
    both = {**hello, reads.NVRAM_OPTIONS: {NAMESPACE + "fm-activation-locked": b"YES", "fm-activation-locked": b"NO"}}
    assert judged("activation_locked", both).value is None


def test_on_the_hello_screen_only_yes_counts():
    hello = {"associated": False, "state": "Unactivated", "done": False}
    assert judged("activation_locked", phone(flag=b"YES", nvram=b"YES", **hello)).value is True
    for flag in (b"NO", ABSENT):
        finding = judged("activation_locked", phone(flag=flag, nvram=flag, **hello))
        assert (finding.value, finding.reason) == (None, "setup_assistant_unreliable")


def test_find_my_on_without_the_flag_is_locked_and_says_what_to_look_at():
    finding = judged("activation_locked", phone(associated=True))
    assert finding.value is True
    assert "find_my_without_lock_flag" in finding.notes
    answers = [item.answer for item in finding.evidence]
    assert "NO" in answers and True in answers


def test_two_roads_to_the_flag_that_differ_are_a_conflict_with_both_in_the_evidence():
    finding = judged("activation_locked", phone(flag=b"YES", nvram=b"NO"))
    assert finding.reason == "conflict"
    assert {"YES", "NO"} <= {item.answer for item in finding.evidence if isinstance(item.answer, str)}


@pytest.mark.parametrize("spelling", [b"YES", b"YES\0", b"YES\0\0\0", "YES", "yes", b"yes", " YES "])
def test_the_flag_says_yes_in_every_spelling(spelling):
    assert judged("activation_locked", phone(flag=spelling, nvram=ABSENT)).value is True
    assert judged("activation_locked", phone(flag=ABSENT, nvram=spelling)).value is True


@pytest.mark.parametrize("spelling", [b"NO", b"NO\0\0", "no", b"No"])
def test_the_flag_says_no_in_every_spelling(spelling):
    assert judged("activation_locked", phone(flag=spelling, nvram=spelling)).value is False


@pytest.mark.parametrize("garbage", [0, 0.0, "", "false", "NO", b"", b"\0", [], {}, None, 2, -1, b"\x01"])
def test_only_a_real_false_of_the_association_counts(garbage):
    assert judged("activation_locked", phone(associated=garbage)).value is None
    assert judged("find_my_enabled", phone(associated=garbage)).value is None


@pytest.mark.parametrize("reason", ["not_paired", "locked", "disconnected", "timeout", "refused"])
@pytest.mark.parametrize("name", [
    "activation_locked", "find_my_enabled", "activation_state", "activation_lock_account", "mdm_enrolled", "supervised",
    "mdm_organization", "mdm_removable", "profiles"])
def test_without_a_session_every_verdict_is_null_with_the_sessions_reason(name, reason):
    finding = judged(name, unpaired(Unread(reason)))
    assert (finding.value, finding.reason) == (None, reason)


def test_public_values_are_not_taken_for_a_phone_without_an_activation_state():
    assert judged("activation_state", unpaired()).reason == "not_paired"
    assert judged("activation_state", phone(state=ABSENT)).reason == "key_missing"
    assert judged("activation_state", phone(state="FactoryActivated")).value == "FactoryActivated"


def test_find_my_is_off_only_past_set_up_and_without_a_flag_that_says_otherwise():
    assert judged("find_my_enabled", phone()).value is False
    assert judged("find_my_enabled", phone(flag=ABSENT, nvram=ABSENT)).value is False
    assert judged("find_my_enabled", phone(associated=True, state="Unactivated", done=False)).value is True
    assert judged("find_my_enabled", phone(done=False)).reason == "setup_assistant_unreliable"
    assert judged("find_my_enabled", phone(flag=b"YES", nvram=b"YES")).reason == "conflict"
    assert judged("find_my_enabled", phone(state="WildcardActivated")).reason == "unusual_activation"


def test_the_masked_account_of_the_lock_is_read_from_either_road():
    answers = phone(flag=b"YES")
    answers[reads.ALL_VALUES]["NonVolatileRAM"]["fm-account-masked"] = b"j\xe2\x80\xa2\xe2\x80\xa2@example.com\0"
    assert judged("activation_lock_account", answers).value == "j••@example.com"
    answers[reads.NVRAM_OPTIONS] = {"fm-account-masked": b"k@example.com"}
    assert judged("activation_lock_account", answers).reason == "conflict"
    assert judged("activation_lock_account", phone()).reason == "key_missing"


# --- management ---------------------------------------------------------------------------------------------------

def acknowledged(**configuration):
    return {"Status": "Acknowledged", **({"CloudConfiguration": configuration} if configuration else {})}


def profile_reply(*payload_types, shown=True, **metadata):
    content = {"PayloadContent": [{"PayloadType": name} for name in payload_types]} if shown else {}
    return {
        "Status": "Acknowledged", "OrderedIdentifiers": ["a.profile"],
        "ProfileManifest": {"a.profile": {"IsActive": True}},
        "ProfileMetadata": {"a.profile": {"PayloadDisplayName": "A profile", **content, **metadata}}}


PROFILE_ANSWERS = {
    "none": NO_PROFILES,
    "wifi": profile_reply("com.apple.wifi.managed", "com.apple.vpn.managed"),
    "mdm": profile_reply("com.apple.security.scep", "com.apple.mdm"),
    "hidden": profile_reply(shown=False),
    "timeout": TIMEOUT,
    "refused": REFUSED,
    "garbage": {"Status": "Acknowledged", "ProfileMetadata": 7},
}
CLOUD_ANSWERS = {
    "none": acknowledged(),
    "finished": acknowledged(AllowPairing=True, CloudConfigurationUIComplete=True, IsSupervised=False),
    "configurator": acknowledged(IsSupervised=True, ConfigurationWasApplied=1, IsMDMUnremovable=0, IsMandatory=0),
    "applied": acknowledged(IsMandatory=1, ConfigurationWasApplied=True, IsSupervised=True),
    "unremovable": acknowledged(IsMDMUnremovable=True, ConfigurationWasApplied=1),
    "claimed": acknowledged(IsMandatory=True, ConfigurationWasApplied=False),
    "claimed_only": acknowledged(IsMDMUnremovable=1),
    "url": acknowledged(ConfigurationURL="https://mdm.example.com/enrol", ConfigurationWasApplied=True),
    "unfinished": acknowledged(CloudConfigurationUIComplete=False, IsSupervised=False),
    "odd_flag": acknowledged(IsMandatory="perhaps", IsSupervised=False),
    "timeout": TIMEOUT,
    "refused": REFUSED,
    "error": {"Status": "Error", "ErrorChain": []},
    "garbage": {"a": 1},
}
SETTINGS = {
    "done": {}, "hello": {"state": "Unactivated", "done": False}, "unknown": {"done": ABSENT, "setup_state": ABSENT},
    "timeout": {"done": TIMEOUT}}

NOT_ENROLLED = {
    (profiles, cloud, "done") for profiles in ("none", "wifi") for cloud in ("none", "finished", "configurator")}
ENROLLED_BY_CONFIGURATION = ("applied", "unremovable")
WHY_UNKNOWN = {
    "timeout": "timeout", "refused": "refused", "garbage": "unreadable", "error": "unreadable",
    "odd_flag": "unreadable", "claimed": "conflict", "claimed_only": "conflict", "url": "conflict",
    "hidden": "key_missing", "unknown": "key_missing",
    "unfinished": "dep_assignment_not_visible", "hello": "dep_assignment_not_visible",
}


@pytest.mark.parametrize(("profiles", "cloud", "setting"), list(product(PROFILE_ANSWERS, CLOUD_ANSWERS, SETTINGS)))
def test_every_combination_of_the_witnesses_of_management(profiles, cloud, setting):
    finding = judged("mdm_enrolled", phone(
        profiles=PROFILE_ANSWERS[profiles], cloud=CLOUD_ANSWERS[cloud], **SETTINGS[setting]))
    if profiles == "mdm" or cloud in ENROLLED_BY_CONFIGURATION:
        assert finding.value is True
    elif (profiles, cloud, setting) in NOT_ENROLLED:
        assert finding.value is False
    else:
        assert finding.value is None
        assert finding.reason in {WHY_UNKNOWN[name] for name in (profiles, cloud, setting) if name in WHY_UNKNOWN}


def test_a_configuration_may_come_without_its_reply_around_it():
    inner = {"IsSupervised": False, "CloudConfigurationUIComplete": True}
    assert judged("mdm_enrolled", phone(cloud=inner)).value is False
    assert judged("mdm_enrolled", phone(cloud={**inner, "IsMandatory": 1, "ConfigurationWasApplied": 1})).value is True


def test_payloads_are_found_in_the_manifest_too():
    reply = {"Status": "Acknowledged", "ProfileManifest": {"x": {"PayloadContent": [{"PayloadType": "com.apple.mdm"}]}},
             "ProfileMetadata": {"x": {"PayloadOrganization": "Example Ltd", "PayloadRemovalDisallowed": True}}}
    assert judged("mdm_enrolled", phone(profiles=reply)).value is True
    assert judged("mdm_organization", phone(profiles=reply)).value == "Example Ltd"
    assert judged("mdm_removable", phone(profiles=reply)).value is False


def with_content(content, **profile):
    return {"Status": "Acknowledged", "OrderedIdentifiers": ["a.profile"], "ProfileManifest": {"a.profile": {}},
            "ProfileMetadata": {"a.profile": {"PayloadContent": content, **profile}}}


WIFI, ENROLMENT = {"PayloadType": "com.apple.wifi.managed"}, {"PayloadType": "com.apple.mdm"}


def in_profiles(payload, times):
    for _ in range(times):
        payload = {"PayloadType": "Configuration", "PayloadContent": [payload]}
    return payload


@pytest.mark.parametrize(("content", "verdict"), [
    ([in_profiles(ENROLMENT, 1)], True), ([WIFI, in_profiles(ENROLMENT, 3)], True), (ENROLMENT, True),
    ([{**WIFI, "PayloadContent": [ENROLMENT]}], True), ({"PayloadType": "Configuration", "PayloadContent": ENROLMENT}, True),
    ([in_profiles(WIFI, 2)], False), (WIFI, False),
    # A certificate or a SCEP request keeps its own settings under the name, which are no payloads.
    ([{"PayloadType": "com.apple.security.root", "PayloadContent": b"0"}], False),
    ([{"PayloadType": "com.apple.security.scep", "PayloadContent": {"URL": "https://example.com"}}], False),
    ([WIFI, {"PayloadType": "Configuration"}], None), ([{"PayloadType": "Configuration", "PayloadContent": []}], None),
    ({"PayloadIdentifier": "what.is.it"}, None), (b"not shown", None), ("", None), ([], None),
    ([in_profiles(WIFI, 20)], None), ([in_profiles({"PayloadIdentifier": "what.is.it"}, 1)], None),
])
def test_payloads_are_found_in_profiles_in_profiles_and_without_a_list(content, verdict):
    finding = judged("mdm_enrolled", phone(profiles=with_content(content)))
    assert finding.value is verdict
    if verdict is None:
        assert (finding.reason, finding.notes) == ("key_missing", ("profile_contents_not_shown",))


def test_payloads_that_are_encrypted_are_not_known():
    reply = with_content([WIFI], EncryptedPayloadContent=b"0")
    assert judged("mdm_enrolled", phone(profiles=reply)).reason == "key_missing"


@pytest.mark.parametrize("parts", [
    {}, {"ProfileManifest": {}}, {"ProfileMetadata": {}}, {"ProfileMetadata": None, "ProfileManifest": {}}])
def test_a_reply_without_a_list_does_not_say_that_there_are_no_profiles(parts):
    reply = {"Status": "Acknowledged", **parts}
    assert judged("profiles", phone(profiles=reply)).reason == "unreadable"
    assert judged("mdm_enrolled", phone(profiles=reply)).value is None


@pytest.mark.parametrize("parts", [
    {"OrderedIdentifiers": []}, {"OrderedIdentifiers": [], "ProfileMetadata": {}},
    {"ProfileManifest": {}, "ProfileMetadata": {}}])
def test_an_empty_list_or_two_empty_descriptions_do(parts):
    reply = {"Status": "Acknowledged", **parts}
    assert judged("profiles", phone(profiles=reply)).value == []
    assert judged("mdm_enrolled", phone(profiles=reply)).value is False


def test_half_a_reply_may_say_yes_and_never_no():
    half = {"Status": "Acknowledged", "ProfileMetadata": {"a.profile": {"PayloadContent": [WIFI]}}}
    assert judged("mdm_enrolled", phone(profiles=half)).value is None
    half["ProfileMetadata"]["another"] = {"PayloadContent": [ENROLMENT]}
    assert judged("mdm_enrolled", phone(profiles=half)).value is True


def test_an_organisations_name_alone_is_no_claim():
    supervised = acknowledged(IsSupervised=True, AllowPairing=1, OrganizationName="Example Ltd", SkipSetup=["Siri"])
    finding = judged("mdm_enrolled", phone(cloud=supervised, chaperoned=True))
    assert finding.value is False
    assert judged("mdm_organization", phone(cloud=supervised, chaperoned=True)).value == "Example Ltd"


def test_a_page_to_enrol_on_is_a_claim():
    claimed = acknowledged(ConfigurationWebURL="https://mdm.example.com/enrol", ConfigurationWasApplied=True)
    assert judged("mdm_enrolled", phone(cloud=claimed)).reason == "conflict"


def test_a_payload_without_a_type_keeps_the_question_open():
    reply = profile_reply("com.apple.wifi.managed")
    reply["ProfileMetadata"]["a.profile"]["PayloadContent"].append({"PayloadIdentifier": "what.is.it"})
    finding = judged("mdm_enrolled", phone(profiles=reply))
    assert (finding.value, finding.reason) == (None, "key_missing")
    assert finding.notes == ("profile_contents_not_shown",)


SUPERVISION = [
    # cloud configuration, chaperone, set-up -> value or reason
    ("none", False, "done", False), ("finished", False, "done", False), ("none", True, "done", True),
    ("configurator", True, "done", True), ("configurator", False, "done", "conflict"),
    ("finished", True, "done", "conflict"), ("configurator", False, "hello", True),
    ("none", False, "hello", "dep_assignment_not_visible"), ("none", ABSENT, "done", "key_missing"),
    ("none", TIMEOUT, "done", "timeout"), ("timeout", False, "done", "timeout"), ("timeout", True, "done", True),
    ("claimed_only", False, "done", "key_missing"), ("garbage", False, "done", "unreadable"),
    ("none", 0, "done", "unreadable"), ("none", False, "unknown", "key_missing"),
    ("finished", False, "timeout", "timeout"),
]


@pytest.mark.parametrize(("cloud", "chaperoned", "setting", "expected"), SUPERVISION)
def test_supervision(cloud, chaperoned, setting, expected):
    finding = judged("supervised", phone(cloud=CLOUD_ANSWERS[cloud], chaperoned=chaperoned, **SETTINGS[setting]))
    assert expected in ((finding.value, finding.reason)[finding.value is None],)


def test_removability_is_a_yes_only_when_somebody_says_so():
    enrolled = profile_reply("com.apple.mdm")
    removable = profile_reply("com.apple.mdm", PayloadRemovalDisallowed=False)
    fixed = profile_reply("com.apple.mdm", PayloadRemovalDisallowed=1)
    assert judged("mdm_removable", phone()).reason == "not_applicable"
    assert judged("mdm_removable", phone(profiles=enrolled)).reason == "key_missing"
    assert judged("mdm_removable", phone(profiles=removable)).value is True
    assert judged("mdm_removable", phone(profiles=fixed)).value is False
    assert judged("mdm_removable", phone(profiles=removable, cloud=acknowledged(IsMDMUnremovable=1))).value is False
    assert judged("mdm_removable", phone(profiles=removable, cloud=TIMEOUT)).reason == "timeout"


def test_profiles_are_listed_with_their_payload_types():
    listed = judged("profiles", phone(profiles=PROFILE_ANSWERS["wifi"])).value
    assert listed == [{
        "identifier": "a.profile", "name": "A profile", "organization": None,
        "payload_types": ["com.apple.vpn.managed", "com.apple.wifi.managed"], "removal_disallowed": None}]
    assert judged("profiles", phone()).value == []


@pytest.mark.parametrize("name", ["frp_locked", "efi_locked"])
def test_locks_of_other_devices_are_not_applicable_and_not_false(name):
    finding = judged(name, phone())
    assert (finding.value, finding.reason) == (None, "not_applicable")


# --- whatever a phone says ----------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.binary(max_size=12), st.datetimes(),
    st.sampled_from(["YES", "NO", b"NO\0", "Activated", "Unactivated", "Acknowledged", "com.apple.mdm", 10 ** 400]))
KEYS = st.one_of(st.text(max_size=4), st.integers(), st.sampled_from([
    "NonVolatileRAM", "fm-activation-locked", "ActivationState", "SerialNumber", "CloudConfiguration", "Status",
    "IsMandatory", "IsMDMUnremovable", "ConfigurationWasApplied", "IsSupervised", "ProfileMetadata", "ProfileManifest",
    "OrderedIdentifiers", "PayloadContent", "PayloadType", "ConfigurationURL"]))
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12)
UNREAD = st.sampled_from(sorted(REASONS)).map(Unread)

# The verdict of each finding that, wrongly given, costs money.
DANGEROUS = {
    "activation_locked": False, "find_my_enabled": False, "mdm_enrolled": False, "supervised": False,
    "mdm_removable": True}
# What a clean phone answers, member by member: only with all of these may the dangerous verdict come.
CLEAN = phone()
NEEDED = {
    "activation_locked": (reads.ALL_VALUES, reads.FIND_MY),
    "find_my_enabled": (reads.ALL_VALUES, reads.FIND_MY),
    "mdm_enrolled": (reads.CLOUD_CONFIGURATION, reads.PROFILES),
    "supervised": (reads.CHAPERONE, reads.CLOUD_CONFIGURATION),
    "mdm_removable": (reads.PROFILES,),
}


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(reads.ALL), st.one_of(UNREAD, ANYTHING)))
def test_no_answer_of_any_type_raises_and_no_judge_leaves_its_words(answers):
    for finding in judge_all(locks.PROBES, Observations(parsed(answers))).values():
        said = finding.as_json()
        assert (said["value"] is None) == ("reason" in said)
        assert set(said.get("notes", ())) <= NOTES.keys()


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(sorted(NEEDED)))
def test_a_clean_phone_with_one_witness_replaced_by_garbage_never_gets_the_dangerous_verdict(data, name):
    read = data.draw(st.sampled_from(NEEDED[name]))
    garbage = data.draw(st.one_of(
        UNREAD, SCALARS.filter(lambda value: value is not False), st.lists(SCALARS, max_size=3)))
    finding = judged(name, {**CLEAN, read: garbage})
    assert finding.value is not DANGEROUS[name]


@settings(max_examples=200, deadline=None)
@given(st.sets(st.sampled_from(sorted(CLEAN, key=repr))))
def test_a_clean_phone_with_reads_left_out_never_gets_a_no_it_should_not(left_out):
    answers = {read: answer for read, answer in CLEAN.items() if read not in left_out}
    verdicts = judge_all(locks.PROBES, Observations(parsed(answers)))
    for name, needed in NEEDED.items():
        if left_out & set(needed):
            assert verdicts[name].value is not DANGEROUS[name]


def test_evidence_is_json_and_names_its_source():
    said = judged("activation_locked", phone()).as_json()["evidence"]
    assert {"source": "lockdown GetValue", "key": "NonVolatileRAM.fm-activation-locked", "value": "NO"} in said
    assert {"source": "lockdown GetValue com.apple.fmip IsAssociated", "key": "IsAssociated", "value": False} in said
    options = "diagnostics_relay IORegistry EntryName options"
    assert {"source": options, "key": "fm-activation-locked", "value": "NO"} in said
