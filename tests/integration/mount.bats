#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Mounts that a guest makes with CAP_SYS_ADMIN in its user namespace, and what it must not
# reach by them: whatever config.json masks, or mounts over something else.

load helpers
bats_require_minimum_version 1.5.0

setup() {
	setup_bundle
	mkdir -p rootfs/{a,b,c,hidden}
	echo secret >rootfs/hidden/file
	with_caps CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_DAC_OVERRIDE CAP_FOWNER CAP_CHOWN
	edit '.process.noNewPrivileges = false
		| .linux.maskedPaths += ["/hidden", "/etc/group"] | .linux.readonlyPaths += ["/etc"]'
}

teardown() {
	teardown_bundle
}

with_caps() {
	edit '.process.capabilities |= map_values(. + ($c | split(" ")))' --arg c "$*"
}

# The flags of what is mounted at $1, from inside.
flags_of() {
	echo "awk '\$5 == \"$1\" { o = \$6 } END { print o }' /proc/self/mountinfo"
}

with_python() {
	requires python3
	with_host_programs
	cat >rootfs/srv/call.py <<-'END'
		import ctypes, errno, os
		libc = ctypes.CDLL(None, use_errno=True)
		RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, MOVE, REC = 1, 2, 4, 8, 32, 4096, 8192, 16384
		PRIVATE, SLAVE, SHARED = 1 << 18, 1 << 19, 1 << 20
		FORCE, DETACH, NOFOLLOW = 1, 2, 8
		def done(r):
		    return errno.errorcode[ctypes.get_errno()] if r == -1 else "ok"
		def b(s):
		    return s.encode() if isinstance(s, str) else s
		def mount(src, dst, type=None, flags=0, data=None):
		    return done(libc.mount(b(src), b(dst), b(type), ctypes.c_ulong(flags), b(data)))
		def umount(dst, flags=0):
		    return done(libc.umount2(b(dst), flags))
		def call(nr, *args):
		    return done(libc.syscall(nr, *[ctypes.c_long(a) if isinstance(a, int) else a for a in args]))
	END
	edit '.process.cwd = "/srv"'
}

run_py() {
	printf 'from call import *\n%s\n' "$1" >rootfs/srv/t.py
	run_ct python3 t.py
}

@test "tmpfs: options, flags, files, umount" {
	run_sh "mount -t tmpfs -o size=1m,mode=750,nr_inodes=100 name /a && stat -c %a /a && df -k /a | awk 'END { print \$2 }'
		$(flags_of /a); awk '\$5 == \"/a\"' /proc/self/mountinfo | grep -c ' - tmpfs name '
		echo x >/a/f && cat /a/f && umount /a && ls /a | wc -l; grep -c ' /a ' /proc/self/mountinfo"
	assert_has $'750\n1024\nrw'
	assert_has $'1\nx\n0\n0'
	[ "$SENTRY" = off ] || assert_has 'rw,nosuid,nodev'
}

@test "bind mounts: directory, file, recursive, read-only" {
	mkdir rootfs/a/sub
	echo data >rootfs/a/file
	run_sh "mount -t tmpfs t /a/sub && echo deep >/a/sub/f
		mount --bind /a /b && cat /b/file; ls /b/sub | wc -l; umount /b
		mount --rbind /a /b && cat /b/sub/f; umount -l /b
		mount --bind /a/file /srv/none 2>/dev/null || : >/srv/one; mount --bind /a/file /srv/one && cat /srv/one
		mount --bind /a /c && mount -o remount,bind,ro /c; touch /c/x 2>/dev/null || echo ro; touch /a/x && ls /c/x"
	assert_status 0
	assert_output $'data\n0\ndeep\ndata\nro\n/c/x'
}

@test "util-linux: mount, findmnt and umount" {
	requires findmnt
	with_host_programs
	mkdir -p rootfs/{low1,low2,up,work}
	echo 1 >rootfs/low1/one
	echo 2 >rootfs/low2/two
	run_sh '/usr/bin/mount -t tmpfs -o size=2m,noexec tm /a && /usr/bin/findmnt -rn -o SOURCE,FSTYPE,TARGET /a
		/usr/bin/mount -o remount,ro /a && { touch /a/x || echo ro; } 2>/dev/null; /usr/bin/umount /a
		/usr/bin/mount --bind -o ro /low1 /b && /usr/bin/findmnt -n -o OPTIONS /b | cut -c 1-2 && /usr/bin/umount /b
		/usr/bin/mount --make-rprivate / && /usr/bin/mount --make-slave /proc
		/usr/bin/mount -t tmpfs w /srv && mkdir /srv/up /srv/work
		/usr/bin/mount -t overlay -o lowerdir=/low1:/low2,upperdir=/srv/up,workdir=/srv/work ov /c && ls /c
		echo new >/c/new && rm /c/one && ls /c /srv/up && /usr/bin/umount /c && ls /low1; /usr/bin/findmnt /c || echo gone'
	assert_status 0
	assert_output $'tm tmpfs /a\nro\nro\none\ntwo\n/c:\nnew\ntwo\n\n/srv/up:\nnew\none\none\ngone'
}

@test "overlay: layers are looked up as the caller, with escapes; unknown options are errors" {
	with_python
	mkdir -p rootfs/'l,o:w' rootfs/low
	echo odd >rootfs/'l,o:w'/file
	echo under >rootfs/low/file
	run_py 'print(mount("t", "/a", "tmpfs")); os.mkdir("/a/up"); os.mkdir("/a/work"); os.chdir("/a")
print(mount("o", "/b", "overlay", 0, r"lowerdir=/l\,o\:w:/low,upperdir=up,workdir=work")); print(open("/b/file").read().strip())
open("/b/made", "w").close(); print(os.listdir("/a/up"), os.stat("/b/made").st_uid); print(umount("/b"))
for data in ("lowerdir=/none", "lowerdir=/low,nonsense", "upperdir=/a/up", "lowerdir=/low,redirect_dir=on,x=1", ""):
    print(mount("o", "/b", "overlay", 0, data))'
	assert_status 0
	assert_output $'ok\nok\nodd\n[\'made\'] 0\nok\nENOENT\nEINVAL\nEINVAL\nEINVAL\nEINVAL'
}

@test "what is not listed is refused, the newer calls are not there" {
	requires sentry
	with_python
	run_py 'for args in (("s", "/a", "sysfs"), ("c", "/a", "cgroup2"), ("d", "/a", "devpts"), ("m", "/a", "mqueue"), ("x", "/a", "ext4"),
    ("/dev/loop0", "/a", "ext4"), ("b", "/a", "bpf"), ("d", "/a", "debugfs"), ("f", "/a", "fuse", 0, "fd=3"), ("r", "/a", "ramfs"),
    ("t", "/", "tmpfs"), ("/a", "/", None, BIND), ("/a", "/b", None, MOVE), (None, "/", None, SHARED), ("p", "/a", "proc", 0, "hidepid=2")):
    print(mount(*args), end=" ")
print(umount("/a", FORCE), umount("/a", 64), mount("t", "/a", "tmpfs", 0, "huge=always"), mount("t", "/a", "tmpfs", 0, "size=x"))
print(*[call(nr, 0, 0, 0, 0, 0) for nr in (428, 429, 430, 431, 432, 433, 442)], call(155, b"/", b"/"))'
	assert_status 0
	assert_output "$(printf 'EPERM %.0s' {1..15})"$'EPERM EINVAL EINVAL EINVAL\nENOSYS ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS EPERM'
}

@test "errors are the kernel's" {
	with_python
	run_py 'print(mount("t", "/none", "tmpfs"), mount("t", "/etc/passwd", "tmpfs"), mount("/none", "/a", None, BIND), mount("/etc/passwd", "/a", None, BIND))
print(mount("/a", "/etc/passwd", None, BIND), mount("", "/a", None, BIND), umount("/none"), umount("/a"), umount("/etc/passwd/x"))
print(mount("t", "a" * 5000, "tmpfs"), mount("t", "", "tmpfs"), umount(""), mount("t", "/a", None))
print(done(libc.mount(ctypes.c_void_p(8), b"/a", b"tmpfs", ctypes.c_ulong(0), None)), done(libc.umount2(ctypes.c_void_p(8), 0)))
print(mount("t", "/a", "tmpfs")); f = open("/a/f", "w"); print(umount("/a"), umount("/a", DETACH)); os.symlink("/b", "/c/l")
f.close(); print(mount("t", "/b", "tmpfs"), umount("/c/l", NOFOLLOW), umount("/c/l"), mount(None, "/a", None, REMOUNT | BIND))'
	assert_status 0
	assert_output $'ENOENT ENOTDIR ENOENT ENOTDIR\nENOTDIR EINVAL ENOENT EINVAL ENOTDIR
ENAMETOOLONG ENOENT ENOENT EINVAL\nEFAULT EFAULT\nok\nEBUSY ok\nok EINVAL ok EINVAL'
}

@test "without CAP_SYS_ADMIN nothing is mounted, whoever asks" {
	with_python
	with_caps CAP_SETUID CAP_SETGID
	run_py 'print(mount("t", "/a", "tmpfs")); os.setgroups([]); os.setresgid(1000, 1000, 1000); os.setresuid(1000, 1000, 1000)
print(mount("t", "/b", "tmpfs"), mount("/b", "/c", None, BIND), umount("/a"))'
	assert_status 0
	assert_has $'ok\nEPERM EPERM EPERM'
	edit '.process.capabilities |= map_values(. - ["CAP_SYS_ADMIN"])'
	run_py 'print(mount("t", "/a", "tmpfs"), mount(None, "/", None, PRIVATE), umount("/proc"))'
	assert_output 'EPERM EPERM EPERM'
}

# A capability that was dropped from the effective set and is only permitted does not count.
@test "the effective set decides, at each call" {
	requires setpriv
	with_python
	run_py 'import struct
def effective(on):
    head = struct.pack("Ii", 0x20080522, 0); d = bytearray(24); libc.capget(head, (ctypes.c_char * 24).from_buffer(d))
    w = list(struct.unpack("6I", d)); w[0] = w[0] | 1 << 21 if on else w[0] & ~(1 << 21); return libc.capset(head, struct.pack("6I", *w))
print(effective(False), mount("t", "/a", "tmpfs"), effective(True), mount("t", "/a", "tmpfs"), umount("/a"))'
	assert_status 0
	assert_output '0 EPERM 0 ok ok'
}

@test "masked and read-only paths stay as they are" {
	requires sentry
	with_python
	run_py 'for p in ("/hidden", "/etc/group", "/etc", "/proc", "/proc/keys", "/proc/sys", "/sys", "/dev", "/dev/shm", "/dev/null", "/"):
    print(umount(p), umount(p, DETACH), end=" ")
print()
for p in ("/etc", "/proc/sys", "/sys"):
    print(mount(None, p, None, REMOUNT | BIND), mount(None, p, None, REMOUNT), end=" ")
print()
for p in ("/", "/proc", "/dev", "/etc"):
    print(mount(p, "/a", None, BIND), end=" ")
print(mount("/hidden", "/b", None, MOVE), mount("o", "/b", "overlay", 0, "lowerdir=/"), mount("o", "/b", "overlay", 0, "lowerdir=/proc:/a"))
print(os.listdir("/hidden"), os.listdir("/b"))'
	assert_status 0
	[[ "${lines[0]}" =~ ^((EINVAL|EPERM)\ )+$ ]] || { echo "${lines[0]}"; false; }
	assert_eq "${lines[1]% }" 'EPERM EPERM EPERM EPERM EPERM EPERM'
	assert_eq "${lines[2]}" 'EINVAL EINVAL EINVAL EINVAL EPERM EINVAL EPERM'
	assert_eq "${lines[3]}" '[] []'
}

# Root in the container may mount: the views are below the lock as everything else is.
@test "/sys and /proc tell of the container, and cannot be uncovered" {
	requires sentry
	with_python
	edit '.linux.resources.memory.limit = 209715200'
	run_py 'print(umount("/sys"), umount("/sys", DETACH), umount("/proc/meminfo"), umount("/proc/meminfo", DETACH))
print(mount("/sys", "/a", None, BIND), mount("/sys", "/a", None, BIND | REC), mount("p", "/b", "proc"))
for d in "/sys", "/a":
    print(os.listdir(d + "/block"), os.listdir(d + "/module"), open(d + "/class/net/lo/mtu").read().strip())
for d in "/proc", "/b":
    print(open(d + "/meminfo").readline().split()[1], repr(open(d + "/cmdline").read().strip()))'
	assert_status 0
	assert_output $'EINVAL EINVAL EINVAL EINVAL\nEINVAL ok ok\n[] [] 65536\n[] [] 65536\n204800 \'\'\n204800 \'\''
}

@test "copies carry the masks, which stay where they are" {
	requires sentry
	with_python
	run_py 'print(mount("/", "/a", None, BIND | REC), os.listdir("/a/hidden"), os.path.getsize("/a/etc/group"))
for p in ("/a/hidden", "/a/etc", "/a/etc/group", "/a/proc", "/a/proc/keys", "/a/dev"):
    print(umount(p), umount(p, DETACH), end=" ")
print(mount("/a/hidden", "/b", None, MOVE), mount("/a", "/b", None, BIND), mount(None, "/a/etc", None, REMOUNT | BIND), mount("/a/etc", "/b", None, BIND))
print(mount(None, "/a", None, PRIVATE | REC), umount("/a/hidden", DETACH), mount("/a/hidden", "/b", None, BIND), os.listdir("/b"), umount("/b"))
print(mount("t", "/a/hidden", "tmpfs"), umount("/a/hidden"), os.listdir("/a/hidden"), umount("/a"), umount("/a", DETACH), os.listdir("/a"))
print(mount("/hidden", "/b", None, BIND), os.listdir("/b"), umount("/b"), os.listdir("/hidden"))'
	assert_status 0
	assert_output $'ok [] 0
EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EPERM EINVAL EPERM EINVAL
ok EINVAL ok [] ok\nok ok [] EBUSY ok []\nok [] ok []'
}

@test "proc: a second one is the container's, with its masks" {
	with_python
	run_py 'print(mount("p", "/a", "proc", NOSUID | NODEV | NOEXEC), os.readlink("/a/self") == str(os.getpid()), open("/a/self/comm").read().strip())
print(os.path.realpath("/a/self/exe").startswith("/usr/"), os.stat("/a").st_dev == os.stat("/proc").st_dev, [n for n in os.listdir("/a") if n.isdigit()] == [str(os.getpid())])
os.mkdir("/c/proc"); print(mount("p", "/c/proc", "proc"), umount("/c/proc"), umount("/a"), os.listdir("/a"))'
	assert_status 0
	assert_output $'ok True python3\nTrue '"$([ "$SENTRY" = off ] && echo False || echo True)"$' True\nok ok ok []'
	[ "$SENTRY" != off ] || return 0
	run_py 'mount("p", "/a", "proc")
for n in ("keys", "sys", "timer_list", "acpi"):
    p, a = os.stat("/proc/" + n), os.stat("/a/" + n); assert (p.st_dev, p.st_ino) == (a.st_dev, a.st_ino), n
    assert umount("/a/" + n, DETACH) == "EINVAL", n
try: open("/a/sys/kernel/core_pattern", "w")
except OSError as e: print(e.errno)'
	assert_output 30
}

# What strict does not show at /proc it shows nowhere else.
@test "unlisted files of /proc stay unlisted where they are mounted" {
	requires strict
	with_python
	: >rootfs/srv/f
	run_py 'def tried(p):
    try: open(p).read(1); return "read"
    except OSError as e: return "no"
print(mount("p", "/a", "proc"), mount("/proc", "/b", None, BIND | REC))
for n in ("kallsyms", "vmallocinfo", "iomem", "modules", "interrupts", "slabinfo", "kpageflags", "config.gz", "1/stack", "tty/driver", "self/pagemap"):
    got = [tried("/proc/" + n), tried("/a/" + n), tried("/b/" + n)]
    if mount("/proc/" + n, "/srv/f", None, BIND) == "ok": got.append(tried("/srv/f")); umount("/srv/f")
    d = os.path.dirname("/proc/" + n)
    if mount(d, "/c", None, BIND | REC) == "ok":
        got.append(tried("/c/" + os.path.basename(n))); os.chdir("/c"); got.append(tried(os.path.basename(n))); os.chdir("/srv"); umount("/c", DETACH)
    fd = os.open("/proc/" + n, os.O_PATH) if os.path.exists("/proc/" + n) else -1
    if fd >= 0 and mount(f"/proc/self/fd/{fd}", "/srv/f", None, BIND) == "ok": got.append(tried("/srv/f")); umount("/srv/f")
    print(n, set(got))'
	assert_status 0
	refute_has read
}

@test "another file system over /proc, and away again" {
	with_python
	run_py 'print(mount("t", "/proc", "tmpfs"), os.listdir("/proc")); os.mkdir("/proc/self"); open("/proc/self/status", "w").write("mine")
print(open("/proc/self/status").read()); os.symlink("/etc/passwd", "/proc/1"); print(open("/proc/1").readline().strip())
print(umount("/proc"), open("/proc/self/comm").read().strip(), umount("/proc", DETACH) if False else "")'
	assert_status 0
	assert_output $'ok []\nmine\nroot:x:0:0:root:/root:/bin/sh\nok python3 '
}

@test "a root made of mounts: chroot into it, use it, take it off" {
	run_sh 'mount -t tmpfs r /a && mkdir -p /a/bin /a/proc /a/etc /a/tmp /a/dev && mount --bind /bin /a/bin && mount -t proc p /a/proc
		mount --rbind /dev /a/dev && echo inner >/a/etc/name
		chroot /a /bin/sh -c "cat /etc/name; cat /proc/self/comm; echo x >/tmp/f && cat /tmp/f; echo y >/dev/null; cd /tmp; : >rel
			mount -t tmpfs t /tmp && : >/tmp/in && ls /tmp && umount /tmp && ls /tmp; ls -d /hidden /srv 2>/dev/null"
		umount /a/bin && umount /a/proc && umount -l /a/dev && umount /a && ls /a | wc -l'
	assert_status 0
	assert_output $'inner\ncat\nx\nin\nf\nrel\n0'
}

@test "files on new mounts: by absolute path, working directory, descriptor, rename across" {
	run_sh 'mount -t tmpfs t /a && cd /a && echo 1 >rel && cat rel /a/rel && mkdir d && mv rel d/moved && cat d/moved
		mv d/moved /b/out && cat /b/out; ln /a/d /b/hard 2>/dev/null || echo exdev; cd d; umount /a 2>/dev/null || echo busy
		cd /; umount /a && echo off; echo 2 >/a/under && cat /a/under'
	assert_status 0
	assert_output $'1\n1\n1\n1\nexdev\nbusy\noff\n2'
}

@test "nosuid and nodev stay on a mount, and hold" {
	requires sentry
	run_sh "cp /bin/busybox /srv/id && chmod 4755 /srv/id
		mount -t tmpfs -o suid,dev t /a && cp -p /srv/id /a/id && mount -o remount,suid,dev,exec /a && $(flags_of /a)
		mount --bind /srv /b && mount -o remount,bind,nosuid,ro /b && mount -o remount,bind,rw /b && $(flags_of /b)"
	assert_status 0
	assert_has 'rw,nosuid,nodev'
	assert_eq "$(grep -c nosuid <<<"$output")" 2
}

# Paths that change while they are looked up: never a masked file.
@test "paths that change meanwhile uncover nothing" {
	requires sentry
	with_python
	run_py 'import threading
os.mkdir("/c/x"); os.mkdir("/c/x/hidden"); stop = []
def flip():
    while not stop:
        for t in ("/hidden", "/c/x", "/"):
            try: os.symlink(t, "/c/new"); os.rename("/c/new", "/c/link")
            except OSError: pass
threads = [threading.Thread(target=flip) for i in range(2)]; [t.start() for t in threads]
seen = set()
for i in range(1500):
    seen.add(mount("/c/link", "/b", None, BIND)); seen.update(os.listdir("/b")); umount("/b", DETACH)
    umount("/c/link", DETACH); mount(None, "/c/link", None, REMOUNT | BIND)
stop.append(1); [t.join() for t in threads]
print("ok" in seen, "file" in seen, os.listdir("/hidden"), open("/etc/group").read() == "")'
	assert_status 0
	assert_output 'True False [] True'
}

@test "mounts are bounded" {
	requires sentry
	with_python
	run_py 'seen = []
while not seen or seen[-1] == "ok": seen.append(mount("/", "/a", None, BIND | REC))
print(seen[-1], mount("t", "/b", "tmpfs"), len(open("/proc/self/mountinfo").readlines()) < 10000)
while umount("/a", DETACH) == "ok": pass
print(mount("t", "/b", "tmpfs"))'
	assert_status 0
	assert_output $'ENOSPC ENOSPC True\nok'
}

@test "the terminal has its name" {
	requires script
	edit '.process.terminal = true'
	set_args sh -c 'readlink /proc/self/fd/0; tty; mount -t tmpfs t /a && echo mounted'
	run script -qec "$(declare -f rt); ID=$ID ROOT=$ROOT PICKET=$PICKET SENTRY=$SENTRY; rt run $ID" /dev/null
	assert_eq "$(sed 's/\^@//; s/\r//' <<<"$output")" $'/dev/pts/0\n/dev/pts/0\nmounted'
}

@test "exec sees the guest's mounts, and makes some" {
	start_ct sh -c 'mount -t tmpfs t /a; : >/a/there; : >/b/ready; sleep 1000'
	wait_until test -e rootfs/b/ready
	assert_eq "$(rt exec "$ID" ls /a)" there
	rt exec "$ID" sh -c 'mount -t tmpfs u /c && : >/c/too'
	assert_eq "$(rt exec "$ID" ls /c)" too
	rt kill "$ID" KILL
	wait_for_status stopped "$ID"
	rt delete "$ID"
	assert_nothing_left
}

# A joined mount namespace, or one without pivot_root, is nobody's to lock.
@test "a tree that cannot be locked gets no mounts" {
	requires sentry
	set_args sh -c 'mount -t tmpfs t /a; umount /hidden; ls /hidden'
	run rt run --no-pivot "$ID"
	assert_eq "$(grep -c 'permitted\|ermission denied' <<<"$output")" 2
	refute_has file
}
