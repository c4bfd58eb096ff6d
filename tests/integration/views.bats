#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modes: strict balanced
# /proc and /sys tell of the container: its memory, its processors, its devices.

load helpers

setup() {
	requires sentry
	setup_bundle
	with_host_programs
	edit '.process.env |= map(sub("^PATH=.*"; "PATH=/usr/bin:/usr/sbin:/bin"))'
}

teardown() {
	teardown_bundle
}

@test "free, top and sysinfo show the container's limit on memory" {
	edit '.linux.resources.memory.limit = 209715200'
	run_sh 'free -m | awk "/^Mem/ { print \$2 }"; top -b -n1 | grep -c "^MiB Mem : *200.0 total"
		awk "/^MemFree/ { print (\$2 < 204800) }" /proc/meminfo; /bin/busybox free -m | awk "/^Mem/ { print \$2 }"'
	assert_status 0
	assert_output $'200\n1\n1\n200'
}

# busybox's cat reads by sendfile(2), which hands out no more than the file's size.
@test "sendfile and splice hand out what read does" {
	requires python3
	cat >rootfs/srv/look.py <<-'END'
		import os, sys
		for name in sys.argv[1:]:
		    text = open(name, "rb").read()
		    for take in ("splice", "sendfile"):
		        fd, (r, w) = os.open(name, os.O_RDONLY), os.pipe()
		        n = os.splice(fd, w, 65536) if take == "splice" else os.sendfile(w, fd, None, 65536)
		        os.close(w)
		        got = os.read(r, 65536)
		        if not n or len(got) != len(text):
		            print(take, name, len(got), "of", len(text))
	END
	run_sh '/bin/busybox cat /proc/cpuinfo | grep -c "^processor"; grep -c ^processor /proc/cpuinfo
		python3 /srv/look.py /proc/meminfo /proc/cpuinfo /proc/filesystems \
			/sys/devices/system/cpu/online /sys/class/net/lo/mtu'
	assert_status 0
	assert_output "$(nproc)"$'\n'"$(nproc)"
}

# Whoever keeps the file open and reads it again (top, vmstat) sees what has changed.
@test "a limit that is changed shows at once, in descriptors that are open as well" {
	requires python3
	edit '.linux.resources.memory.limit = 209715200'
	cat >rootfs/srv/look.py <<-'END'
		import os, time
		f = open("/proc/meminfo")
		def total():
		    f.seek(0)
		    return int(f.read().split()[1])
		print(total())
		open("/srv/ready", "w").close()
		while not os.path.exists("/srv/go"):
		    time.sleep(0.05)
		print(total(), flush=True)
		open("/srv/done", "w").write(str(total()))
	END
	start_ct python3 /srv/look.py
	wait_until test -e rootfs/srv/ready
	rt update --memory 104857600 "$ID"
	touch rootfs/srv/go
	wait_until test -s rootfs/srv/done
	assert_eq "$(cat rootfs/srv/done)" 102400
}

@test "cpuinfo, stat, lscpu and /sys have the processors of the cpuset" {
	[ "$(nproc)" -ge 2 ] || skip "needs two processors"
	edit '.linux.resources.cpu.cpus = "1"'
	run_sh 'grep -c ^processor /proc/cpuinfo; grep -c "^cpu[0-9]" /proc/stat; nproc
		cat /sys/devices/system/cpu/online; ls -d /sys/devices/system/cpu/cpu[0-9]*
		lscpu | awk -F": *" "/^CPU\(s\)/ { print \$2 }"'
	assert_status 0
	assert_output $'1\n1\n1\n1\n/sys/devices/system/cpu/cpu1\n1'
}

@test "/sys is small: no disk, no bus, no module of the host; the interfaces are its own" {
	run_sh 'ls /sys/block /sys/dev/block /sys/module /sys/bus /sys/firmware; ls /sys/class /sys/class/net
		cat /sys/class/net/lo/mtu /sys/class/net/lo/type; grep -o never /sys/kernel/mm/transparent_hugepage/enabled
		echo 1 >/sys/class/net/lo/mtu || echo refused'
	assert_status 0
	assert_has $'lo\n65536\n772\nnever\n'
	assert_has refused
	refute_has vda
	assert_eq "$(printf '%s\n' "${lines[@]}" | grep -A1 '^/sys/class:')" $'/sys/class:\nnet'
}

@test "/sys/fs/cgroup stays what config.json mounts there" {
	run_sh 'ls /sys/fs/cgroup | wc -l; grep -c "^/sys/fs/cgroup\|/sys/fs/cgroup" /proc/mounts'
	assert_status 0
	[ "${lines[0]}" -gt 0 ]
	[ "${lines[1]}" -gt 0 ]
}

# Processes are dated by the same clock, and ps subtracts one from the other.
@test "load, boot and kernel are the container's" {
	run_sh 'ps -o etimes= -p 1 | awk "{ print (\$1 < 100) }"; cat /proc/loadavg
		cat /proc/sys/kernel/random/boot_id; cat /proc/cmdline /proc/diskstats /proc/partitions'
	assert_status 0
	assert_eq "${lines[0]}" 1
	assert_eq "${lines[1]%% *}" 0.00
	[ "${lines[2]}" != "$(cat /proc/sys/kernel/random/boot_id)" ]
	assert_eq "${#lines[@]}" 3
}

# In whatever way a program asks for it, also one that joins later.
@test "the time since boot begins with the container" {
	requires python3
	local ask='import time, ctypes, os
info = (ctypes.c_long * 32)()
ctypes.CDLL(None).sysinfo(info)
up = float(open("/proc/uptime").read().split()[0])
stat = open("/proc/stat").read()
boot = int(stat[stat.index("btime"):].split()[1])
first = int(open("/proc/1/stat").read().split()[21]) / os.sysconf("SC_CLK_TCK")
for t in time.clock_gettime(time.CLOCK_BOOTTIME), up, info[0], time.time() - boot:
    print(abs(t - first) < 1000 and t >= 0 or (t, first))'
	run_ct python3 -c "$ask"
	assert_status 0
	assert_output $'True\nTrue\nTrue\nTrue'
	edit '.process.args = ["sleep", "1000"]'
	start_ct
	run rt exec "$ID" python3 -c "$ask"
	assert_status 0
	assert_output $'True\nTrue\nTrue\nTrue'
}

@test "python counts processors and pages" {
	requires python3
	run_ct python3 -c 'import os, multiprocessing
print(os.cpu_count() == len(os.sched_getaffinity(0)) == multiprocessing.cpu_count())
print(os.sysconf("SC_NPROCESSORS_ONLN") == os.cpu_count(), os.sysconf("SC_PHYS_PAGES") > 0)'
	assert_status 0
	assert_output $'True\nTrue True'
}

@test "nothing can be written, and nothing is left when the container is gone" {
	run_sh 'for f in meminfo cpuinfo stat uptime loadavg; do echo x >/proc/$f || echo no; done; rm /proc/meminfo || echo no'
	assert_status 0
	assert_eq "$(printf '%s\n' "${lines[@]}" | grep -c '^no$')" 6
	assert_eq "$(awk '$3 ~ /^fuse/ && $1 == "view"' /proc/mounts)" ""
}

# As where /dev/fuse is for root only, or the kernel has none.
@test "without FUSE the files are there as well" {
	requires setpriv
	[ "$(stat -c %a /dev/fuse 2>/dev/null)" = 600 ] || skip "everybody may open /dev/fuse here"
	cd /usr/share
	run setpriv --reuid 65534 --regid 65534 --clear-groups env -u XDG_RUNTIME_DIR HOME=/ \
		"$PICKET" --sentry="$SENTRY" "do" -- sh -c 'grep -c MemTotal /proc/meminfo
			cat /sys/class/net/lo/mtu; ls /sys/block; echo x >/proc/meminfo || echo no' </dev/null
	assert_status 0
	assert_has $'1\n65536\n'
	assert_has no
}
