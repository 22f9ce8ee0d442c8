"""What phones print, invented in the shapes that published dumps have; each builder's defaults are a clean phone's.

CLEAN answers every read of the catalogue as a phone does that is in use, signed in with Google, owned by nobody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import reads, root_files
from pyworker.android.output import Output
from pyworker.findings import Unread
from pyworker.probes import Observations, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyworker.probes import Read

PROPERTIES = {
    "gsm.operator.alpha": "Testnet,", "gsm.operator.isroaming": "false,false", "gsm.sim.operator.alpha": "Testnet,",
    "gsm.sim.operator.iso-country": "de,", "gsm.sim.state": "LOADED,ABSENT", "gsm.version.baseband": "g5300-1,g5300-1",
    "persist.sys.boot.reason.history": "reboot,ota,1760000300\nreboot,userrequested,1759000300",
    "ro.boot.flash.locked": "1", "ro.boot.vbmeta.device_state": "locked", "ro.boot.verifiedbootstate": "green",
    "ro.boot.veritymode": "enforcing", "ro.build.display.id": "AP4A.250205.002", "ro.build.fingerprint":
    "acme/one/one:15/AP4A.250205.002/1:user/release-keys", "ro.build.tags": "release-keys", "ro.build.type": "user",
    "ro.build.version.release": "15", "ro.build.version.sdk": "35", "ro.build.version.security_patch": "2025-09-05",
    "ro.crypto.state": "encrypted", "ro.crypto.type": "file", "ro.debuggable": "0", "ro.frp.pst": "/dev/block/by-name/frp",
    "ro.product.brand": "Acme", "ro.product.cpu.abi": "arm64-v8a", "ro.product.locale": "de-DE",
    "ro.product.manufacturer": "Acme", "ro.product.model": "One 5", "ro.product.product.manufacturer": "CHIPMAKER",
    "ro.secure": "1", "ro.serialno": "A1B2C3D4E5", "ro.vendor.build.version.release": "13", "sys.boot.reason": "reboot,ota",
    "sys.oem_unlock_allowed": "0", "sys.user.0.ce_available": "true", "vold.has_quota": "1", "wifi.interface": "wlan0",
}


def getprop(changes: Mapping[str, str | None] | None = None, base: Mapping[str, str] = PROPERTIES) -> str:
    """The listing; a change to None takes a property away."""
    values: dict[str, str | None] = {**base, **(changes or {})}
    return "".join(f"[{key}]: [{value}]\n" for key, value in sorted(values.items()) if value is not None)


# --- device_policy ------------------------------------------------------------------------------------------------

FIND_MY_DEVICE = "com.google.android.gms/.mdm.receivers.MdmDeviceAdminReceiver"
KNOX_GUARD = "com.samsung.android.kgclient/.agent.KGDeviceAdminReceiver"
SECURE_FOLDER = "com.samsung.knox.securefolder/com.samsung.knox.securefolder.containeragent.KnoxDeviceAdminReceiver"
DPC = "com.example.dpc/com.example.dpc.AdminReceiver"


def device_owner(component: str = DPC, era: int = 14, organisation_owned: bool = True) -> list[str]:
    fields = _owner_fields(component, era, organisation_owned, "Example Works")
    return ["  Device Owner: ", *fields, "    User ID: 0"]


def profile_owner(user: int, component: str = DPC, era: int = 14, organisation_owned: bool = False) -> list[str]:
    return [f"  Profile Owner (User {user}): ", *_owner_fields(component, era, organisation_owned, "Work")]


def _owner_fields(component: str, era: int, organisation_owned: bool, name: str) -> list[str]:
    package, _, _ = component.partition("/")
    flag = str(organisation_owned).lower()
    return [
        f"    admin=ComponentInfo{{{component}}}", *([f"    name={name}"] if era < 14 else []), f"    package={package}",
        *([f"    canAccessDeviceIds={flag}"] if era == 10 else []),
        *([f"    isOrganizationOwnedDevice={flag}"] if era >= 11 else [])]


def owner_services(user: int, component: str, heading: str = "Owner Services:") -> list[str]:
    """The services of owners that run, below the owners: Android 8 and later, "Admin Services:" in the newest."""
    return ["", f"  {heading}", f"    User: {user}", f"      Package: {component.partition('/')[0]}",
            f"        {component}  u{user} [bound] [connected]", "          Next backoff(sec): 3600",
            "          Connected: 1  Disconnected: 0  Died: 0  Duration: +4m2s17ms"]


def policy(
    *owners: list[str], era: int = 14, admins: Mapping[int, Iterable[str]] | None = None,
    states: Mapping[int, int] | None = None, organisation: str = "", enforcing: Iterable[str] = (),
    owner_type: int | None = None, has_profile_owner: Iterable[int] = (),
) -> str:
    """`dumpsys device_policy` of an Android version: 2, 4, 5, 9, 10, 12, 14 … admins and states are by user."""
    admins, states = dict(admins or {0: ()}), dict(states or {})
    lines = ["Current Device Policy Manager state:"]
    if era >= 12:
        lines += ["  Immutable state:", "    mHasFeature=true", "    mIsWatch=false", "    mIsAutomotive=false",
                  "    mHasTelephonyFeature=true", "    mSafetyChecker=null"]
    for owner in owners:
        lines += [*owner, "  "]
    for user, components in admins.items():
        if era < 4:
            lines.append("  Enabled Device Admins:")
        elif era < 9:
            lines.append(f"  Enabled Device Admins (User {user}):")
        else:
            lines.append(f"  Enabled Device Admins (User {user}, provisioningState: {states.get(user, 0)}):")
        for component in components:
            lines += [f"    {component}:", f"      uid={user * 100_000 + 10_123}", "      testOnlyAdmin=false",
                      "      policies:", "        wipe-data", "        force-lock", "      passwordQuality=0x0",
                      *([f"      organizationName={organisation}"] if organisation and component == DPC else []),
                      "      isParent=false"]
        if era < 4:
            lines += [" ", "  mActivePasswordQuality=0x0", "  mActivePasswordLength=0"]
        else:
            lines += ["  ", "    mPasswordOwner=-1", "    mUserControlDisabledPackages=[]", "    mAppsSuspended=false"]
    if era >= 9:
        lines += ["  ", "  Constants:", "    DAS_DIED_SERVICE_RECONNECT_BACKOFF_SEC: 3600", "  ", "  Stats:",
                  "    LockGuard.guard(): count=99, total=1.3ms, avg=0.007ms, max calls/s=25 max dur/s=1.1ms max time=0.2ms",
                  "  "]
    if era >= 14:
        lines += ["  Local Policies: ", "    User 0:", "      DefaultPolicyKey userControlDisabledPackages",
                  "        Per-admin Policy:", *[f"          {text}" for text in enforcing],
                  "            PackageNameSetPolicyValue { [com.example.other] }", "        Resolved Policy (PackageSetUnion):",
                  "          PackageNameSetPolicyValue { [com.example.other] }", "  "]
    if era >= 9:
        lines += ["Encryption Status: per-user", "", "Device policy cache:", "  Password quality: {0=0}"]
    if era >= 14:
        kind = -1 if owner_type is None else owner_type
        lines += ["", "Device state cache:", "  Device provisioned: true", f"  Device Owner Type: {kind}",
                  "  Has PO:", *[f"  User {user}: true" for user in has_profile_owner], ""]
        lines += ["PersonalAppsSuspensionHelper", "  critical packages: 1 app", "    0: com.google.android.apps.wellbeing"]
    return "\n".join(lines) + "\n"


DEVICE_LOCK_CONTROLLER = ("EnforcingAdmin { mPackageName= com.google.android.devicelockcontroller, mUserId= 0, mIsRoleAuthority= "
                          "true, mIsSystemAuthority= false, mSystemEntity = null }")
ADVANCED_PROTECTION = ("EnforcingAdmin { mPackageName= , mAuthorities= [system:android.security.advancedprotection], mUserId= 0, "
                       "mIsRoleAuthority= false, mIsSystemAuthority= true, mSystemEntity = android.security.advancedprotection }")


def enterprise_admin(component: str = DPC, user: int = 0) -> str:
    return (f"EnforcingAdmin {{ mPackageName= {component.split('/')[0]}, mComponentName= ComponentInfo{{{component}}}, mAuthorities= "
            f"[enterprise], mUserId= {user}, mIsRoleAuthority= false, mIsSystemAuthority= false, mSystemEntity = null }}")


# --- accounts -----------------------------------------------------------------------------------------------------

AUTHENTICATORS = ("com.google", "com.google.android.gm.exchange", "com.example.chat")


def accounts(*users: tuple[int, str, str, Iterable[str]]) -> str:
    """`dumpsys account`; a user is (id, name, flags in hexadecimal, account types)."""
    lines: list[str] = []
    for user, name, flags, kinds in users or ((0, "Owner", "4c13", ("com.google", "com.example.chat")),):
        listed = list(kinds)
        lines += [f"User UserInfo{{{user}:{name}:{flags}}}:", f"  Accounts: {len(listed)}"]
        lines += [f"    Account {{name=somebody{at}@example.org, type={kind}}}" for at, kind in enumerate(listed)]
        lines += ["  ", "  AccountId, Action_Type, timestamp, UID, TableName, Key", "  Accounts History",
                  "  -1,action_called_account_add,2025-09-05 15:47:54,10179,accounts,0",
                  "  1,action_account_remove,2025-09-06 15:47:54,10179,accounts,1", "  ", "  Active Sessions: 0", "  ",
                  f"  RegisteredServicesCache: {len(AUTHENTICATORS)} services"]
        lines += [f"    ServiceInfo: AuthenticatorDescription {{type={kind}}}, ComponentInfo{{com.x/com.x.Auth}}, uid 10181, "
                  "lastUpdateTime 1757298288929" for kind in AUTHENTICATORS]
        lines += ["  ", "  Account visibility:", "    somebody0@example.org", "      com.google.android.apps.maps, 2", "  "]
    return "\n".join(lines) + "\n"


# --- the rest -----------------------------------------------------------------------------------------------------

def persistent_data_block(enforced: bool = True, active: bool = False) -> str:
    """As the shell sees it: the service stops where its next line needs a permission."""
    return (f"FRP state\n=========\nEnforcement enabled: {str(enforced).lower()}\nFRP state: {str(active).lower()}\n"
            "FRP secret file /data/system/frp_secret exists, contents omitted.\nFRP secret present but omitted.\n\n"
            "java.lang.SecurityException: Can't access OEM unlock state\n"
            "\tat com.android.server.pdb.PersistentDataBlockService.enforceOemUnlockReadPermission(X.java:1)\n")


BATTERY = """Current Battery Service state:
  AC powered: false
  USB powered: true
  Wireless powered: false
  Dock powered: false
  Max charging current: 500000
  Max charging voltage: 5000000
  Charge counter: 3120000
  status: 2
  health: 2
  present: true
  level: 78
  scale: 100
  voltage: 4123
 Time when the latest updated value of the voltage was sent via battery changed broadcast: 2025-10-10 10:00:00
 The last voltage value sent via the battery changed broadcast: 4119
  temperature: 287
  technology: Li-ion
  Charging state: 1
  Charging policy: 1
  Capacity level: -1
"""

SAMSUNG_BATTERY = """Current Battery Service state:
AC powered: false
USB powered: true
Wireless powered: false
Max charging current: 0
Max charging voltage: 0
Charge counter: 2095000
charge counter: 1
status: 3
health: 2
present: true
level: 55
scale: 100
voltage: 3955
temperature: 371
technology: Li-ion
 batteryMiscEvent: 0
 mProtectBatteryMode: 1
[10-10 10:00:00.000] ACTION_BATTERY_CHANGED: level:72, status:2, health:2, voltage:4300, cycle_count:0
FEATURE_WIRELESS_FAST_CHARGER_CONTROL: true
LLB CAL: 20231225
BatteryInfoBackUp
  mSavedBatteryAsoc: 86
  mSavedBatteryMaxTemp: 456
  mSavedBatteryMaxCurrent: 3200
  mSavedBatteryUsage: [70188]
  mSavedBatteryBsoh: 95.4
  battery FirstUseDate: [20240630]
  level: 12
"""

THERMAL = """IsStatusOverride: false
ThermalEventListeners:
\tcallbacks: 6
Thermal Status: 1
Cached temperatures:
\tTemperature{mValue=89.5, mType=0, mName=CPU3, mStatus=0}
\tTemperature{mValue=54.8, mType=2, mName=battery, mStatus=0}
HAL Ready: true
HAL connection:
\tThermalHAL AIDL 3  connected: yes
Current temperatures from HAL:
\tTemperature{mValue=31.200001, mType=2, mName=battery, mStatus=0}
\tTemperature{mValue=3936.0, mType=6, mName=vbat, mStatus=0}
\tTemperature{mValue=-1125.0, mType=7, mName=ibat, mStatus=0}
\tTemperature{mValue=53.0, mType=8, mName=socd, mStatus=0}
\tTemperature{mValue=44.5, mType=0, mName=CPU0, mStatus=0}
\tTemperature{mValue=45.849998, mType=0, mName=CPU7, mStatus=1}
\tTemperature{mValue=-99.9, mType=1, mName=GPU0, mStatus=0}
\tTemperature{mValue=35.1, mType=3, mName=fps-therm-monitor, mStatus=1}
\tTemperature{mValue=99.0, mType=-1, mName=virtual-difference, mStatus=0}
Current cooling devices from HAL:
\tCoolingDevice{mValue=0, mType=3, mName=devfreq-3d00000.qcom,kgsl-3d0}
Temperature static thresholds from HAL:
\tTemperatureThreshold{mType=2, mName=battery, mHotThrottlingThresholds=[NaN, NaN, NaN, 80.0, NaN, NaN, 90.0]}
"""

DF = """Filesystem                           1K-blocks     Used Available Use% Mounted on
/dev/block/mapper/userdata           113456000 45382400  67942528  41% /data
"""

DISKSTATS = """Latency: 2ms [512B Data Write]
Recent Disk Write Speed (kB/s) = 91234
Data-Free: 67942528K / 113456000K total = 59% free
Cache-Free: 67942528K / 113456000K total = 59% free
System-Free: 0K / 901232K total = 0% free
File-based Encryption: true
App Size: 20000000000
App Data Size: 8000000000
App Cache Size: 1000000000
Photos Size: 5000000000
Videos Size: 3000000000
Audio Size: 100000000
Downloads Size: 200000000
System Size: 128000000000
Other Size: 1234567
Package Names: ["com.example.a","com.example.b"]
App Sizes: [1,2]
"""

HEALTH_HAL = """
ac: 0 usb: 1 wireless: 0 dock: 0 current_max: 500000 voltage_max: 5000000
status: 2 health: 2 present: 1
level: 78 voltage: 4123 temp: 287
cycle count: 316
Full charge: 4691000
getHealthInfo -> HealthInfo{chargerAcOnline: false, batteryLevel: 78, batteryCycleCount: 316, batteryFullChargeUah: 4691000, \
batteryChargeCounterUah: 3120000, diskStats: [], storageInfos: [StorageInfo{eol: 1, lifetimeA: 2, lifetimeB: 1, version: 310}], \
batteryFullChargeDesignCapacityUah: 5000000, batteryHealthData: BatteryHealthData{batteryStateOfHealth: 93}}
"""

BATTERYSTATS = ("  Estimated battery capacity: 5000 mAh\n  Last learned battery capacity: 4702 mAh\n"
                "  Min learned battery capacity: 4690 mAh\n  Max learned battery capacity: 4710 mAh\n")

TRUST = """Trust manager state:
 User "Owner (current)" (id=0, flags=0x4c13) (current): trustState=UNTRUSTED, trustManaged=1, deviceLocked=0, \
isActiveUnlockRunning=0, strongAuthRequired=0x0
   Enabled agents:
    com.google.android.gms/.auth.trustagent.GoogleTrustAgent
     bound=1, connected=1, managingTrust=1, trusted=0
   Events:
"""

KEYGUARD = """WINDOW MANAGER POLICY STATE (dumpsys window policy)
    mSafeMode=false mSystemReady=true mSystemBooted=true
    KeyguardServiceDelegate
      showing=false
      inputRestricted=false
      occluded=false
      secure=true
      dreaming=false
      KeyguardStateMonitor
        mIsShowing=false
        mSimSecure=false
"""

SENSORS = """Total 35 h/w sensors, 3 running 0 disabled clients:
0x01010001) BMI3XY Accelerometer     | BOSCH           | ver: 1 | type: android.sensor.accelerometer(1) | perm: n/a | flags: 0x0
0x01020001) BMI3XY Gyroscope         | BOSCH           | ver: 1 | type: android.sensor.gyroscope(4) | perm: n/a | flags: 0x0
0x01030001) MMC5633 Magnetometer     | MEMSIC          | ver: 1 | type: android.sensor.magnetic_field(2) | perm: n/a | flags: 0x0
0x01040001) TMD3719 Proximity        | AMS             | ver: 2 | type: android.sensor.proximity(8) | perm: n/a | flags: 0x3
0x01050001) TMD3719 Light            | AMS             | ver: 1 | type: android.sensor.light(5) | perm: n/a | flags: 0x2
"""

ROOT_FILES = "".join(f"ls: {path}: No such file or directory\n" for path in root_files.PATHS)
MEMINFO = "MemTotal:        7579252 kB\nMemFree:          312345 kB\nMemAvailable:    3456789 kB\nSwapTotal:       4194300 kB\n"
DISPLAY = ('  DisplayDeviceInfo{"Built-in Screen": uniqueId="local:1", 1080 x 2400, modeId 1, defaultModeId 1, supportedModes '
           '[{id=1, width=1080, height=2400, fps=60.000004, alternativeRefreshRates=[120.00001]}, {id=2, width=1080, height=2400, '
           "fps=120.00001}], density 420\n")
DROPBOX = ("Drop box contents: 5 entries\n2025-10-10 10:00:00 data_app_crash (text, 1234 bytes)\n"
           "2025-10-10 11:00:00 data_app_crash (compressed text, 234 bytes)\n2025-10-11 09:00:00 SYSTEM_TOMBSTONE (text, 9 bytes)\n"
           "2025-10-11 09:00:00 SYSTEM_TOMBSTONE_PROTO (data, 9 bytes)\n2025-10-12 09:00:00 SYSTEM_BOOT (text, 99 bytes)\n")
REFUSED_PARCEL = ("Result: Parcel(\n  0x00000000: ffffffff 00000049 00650067 00440074 '....I...g.e.t.D.'\n"
                  "  0x00000010: 00760065 00630069 00490065 003a0064 'e.v.i.c.e.I.d.:.')\n")


def imei_parcel(digits: str) -> str:
    """`service call`'s picture of a reply that holds one string."""
    units = [ord(digit) for digit in digits] + [0] * (2 - len(digits) % 2)
    words = ["00000000", f"{len(digits):08x}"] + [f"{units[at + 1]:04x}{units[at]:04x}" for at in range(0, len(units), 2)]
    rows = [words[at:at + 4] for at in range(0, len(words), 4)]
    return "Result: Parcel(\n" + "".join(f"  0x{16 * at:08x}: {' '.join(row)} '{'.' * 16}'\n" for at, row in enumerate(rows))[:-1] + ")\n"


CLEAN: dict[Read, str] = {
    reads.GETPROP: getprop(), reads.CLOCK: "1760090400\n", reads.IMEI: REFUSED_PARCEL,
    reads.FRP_MODE_SECURE: "null\n", reads.FRP_MODE_GLOBAL: "0\n", reads.DEVICE_PROVISIONED: "1\n",
    reads.USER_SETUP_COMPLETE: "1\n", reads.PERSISTENT_DATA_BLOCK: persistent_data_block(), reads.DEVICE_POLICY: policy(),
    reads.OWNER_LIST: "no owners\n", reads.ACCOUNT: accounts(), reads.ROOT_FILES: ROOT_FILES, reads.BATTERY: BATTERY,
    reads.BATTERY_FILES: "grep: /sys/class/power_supply/battery/cycle_count: Permission denied\n"
                         "grep: /sys/class/power_supply/bms/cycle_count: No such file or directory\n",
    reads.BATTERYSTATS: BATTERYSTATS, reads.DATA_VOLUME: DF, reads.DISKSTATS: DISKSTATS,
    reads.STORAGE_LIFE_FILES: "/sys/devices/platform/13200000.ufs/health_descriptor/eol_info:0x01\n"
                              "/sys/devices/platform/13200000.ufs/health_descriptor/life_time_estimation_a:0x03\n"
                              "/sys/devices/platform/13200000.ufs/health_descriptor/life_time_estimation_b:0x02\n",
    reads.THERMALSERVICE: THERMAL, reads.SELINUX: "Enforcing\n",
    reads.ROOT_MANAGERS: "package:com.android.settings\npackage:com.example.chat\n", reads.TRUST: TRUST,
    reads.KEYGUARD: KEYGUARD, reads.MEMINFO: MEMINFO, reads.WM_SIZE: "Physical size: 1080x2400\n",
    reads.WM_DENSITY: "Physical density: 420\n", reads.DISPLAY: DISPLAY,
    reads.CAMERAS: "Number of camera devices: 3\n  Facing: Back\n  Facing: Front\n  Facing: Back\n",
    reads.SENSORS: SENSORS, reads.DROPBOX: DROPBOX, reads.TOMBSTONES: "ls: /data/tombstones: Permission denied\n",
    reads.UPTIME: "123456.78 654321.00\n", reads.DEVELOPER_OPTIONS: "1\n", reads.ADB_ENABLED: "1\n",
    reads.ADB_WIFI_ENABLED: "0\n", reads.STAY_AWAKE: "0\n", reads.HEALTH_HAL: HEALTH_HAL,
}


def seen(changes: Mapping[Read, str | bytes | Output | Unread] | None = None) -> Observations:
    """What a clean phone answers, with these changes, as judges get it."""
    given: dict[Read, str | bytes | Output | Unread] = {**CLEAN, **(changes or {})}
    raw: dict[Read, Output | Unread] = {}
    for read, answer in given.items():
        if isinstance(answer, str):
            answer = answer.encode()
        raw[read] = Output(answer) if isinstance(answer, bytes) else answer
    return Observations(parsed(raw))
