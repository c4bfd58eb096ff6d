#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that change who they are, and whose the files are that they make: the same
# with and without the sentry.

load helpers

setup() {
	setup_bundle
	with_host_programs
	edit '.process.noNewPrivileges = false | .process.rlimits = [] | .process.cwd = "/srv"
		| .process.capabilities |= map_values(["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
			"CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_MKNOD",
			"CAP_AUDIT_WRITE", "CAP_SETFCAP"])
		| .mounts += [{ destination: "/open", type: "tmpfs", source: "tmpfs", options: ["mode=1777"] },
			{ destination: "/nosuid", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=1777"] }]'
	printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/srv/home:/bin/sh\nother:x:1001:1001::/srv:/bin/sh
sshd:x:102:65534::/run/sshd:/bin/false\n_apt:x:42:65534::/srv:/bin/false\n' >rootfs/etc/passwd
	printf 'root:x:0:\nuser:x:1000:\nteam:x:1500:user\nother:x:1001:\nnogroup:x:65534:\n' >rootfs/etc/group
	echo '127.0.0.1 localhost picket' >rootfs/etc/hosts
	install -d -o 1000 -g 1000 rootfs/srv/home
}

teardown() {
	teardown_bundle
}

# What PAM and the name service ask for.
with_logins() {
	cp -aL /etc/pam.d /etc/security rootfs/etc/ 2>/dev/null || true
	printf 'passwd: files\ngroup: files\nshadow: files\n' >rootfs/etc/nsswitch.conf
	: >rootfs/etc/login.defs
	: >rootfs/etc/environment
	mkdir -p rootfs/etc/default
	: >rootfs/etc/default/locale
	# The password is "secret".
	printf 'root:$6$salt$%s:19000:0:99999:7:::\nuser:*:19000:0:99999:7:::\n' \
		"$(openssl passwd -6 -salt salt secret | cut -d '$' -f 4)" >rootfs/etc/shadow
	chmod 640 rootfs/etc/shadow
}

as_user() {
	edit '.process.user = { uid: 1000, gid: 1000, additionalGids: [1500] } | .process.capabilities |= (.effective = [] | .permitted = [] | .inheritable = [] | .ambient = [])'
}

@test "su: root becomes a user, with its groups" {
	with_logins
	run_sh '/usr/bin/su user -c "id; touch /open/f; touch /root/f; cat /etc/shadow" 2>&1; stat -c "%u %g" /open/f; id -u'
	assert_has 'uid=1000(user) gid=1000(user) groups=1000(user),1500(team)'
	assert_has $'1000 1000\n0'
	refute_has 'root:$6'
	[ "$(grep -c 'ermission denied' <<<"$output")" = 2 ]
}

@test "su: a user becomes root by password, and by no other" {
	requires openssl
	with_logins
	as_user
	run_sh 'echo secret | /usr/bin/su -c "id -u; echo made >/root/f; head -c 4 /etc/shadow"; echo; echo wrong | /usr/bin/su -c "id -u" || echo refused'
	assert_has $'0\nroot'
	assert_has refused
	assert_eq "$(cat rootfs/root/f)" made
}

@test "sudo: a user runs a command as root and as another" {
	requires sudo
	with_logins
	cp -aL /etc/sudo.conf rootfs/etc/ 2>/dev/null || true
	printf 'user ALL=(ALL) NOPASSWD: ALL\nDefaults !syslog\n' >rootfs/etc/sudoers
	chmod 440 rootfs/etc/sudoers
	as_user
	run_sh 'sudo -n id -u; sudo -n -u other id -un; sudo -n sh -c "umask; echo x >/root/g"; id -u; cat /etc/sudoers 2>/dev/null || echo closed'
	assert_status 0
	assert_output $'0\nother\n0022\n1000\nclosed'
	[ -e rootfs/root/g ]
}

@test "with no_new_privs a setuid program changes nothing, and says so" {
	requires sudo
	with_logins
	printf 'user ALL=(ALL) NOPASSWD: ALL\n' >rootfs/etc/sudoers
	chmod 440 rootfs/etc/sudoers
	as_user
	edit '.process.noNewPrivileges = true'
	run_sh 'echo secret | /usr/bin/su -c "id -u" && echo became; sudo -n id -u && echo became; id -u'
	refute_has became
	assert_has 'no new privileges'
	assert_eq "${lines[-1]}" 1000
}

@test "setuid and setgid programs take the file's owner; not on a nosuid mount" {
	run_sh 'for d in /open /nosuid; do cp /usr/bin/id /usr/bin/touch $d/; chown 1001:1500 $d/id $d/touch; chmod 6755 $d/id $d/touch; done
		/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups sh -c "/open/id -u; /open/id -g; /open/id -ru; /open/touch /open/made
			/nosuid/id -u; /nosuid/id -g; /nosuid/touch /nosuid/made; id -u"
		stat -c "%u %g" /open/made /nosuid/made'
	assert_status 0
	assert_output $'1001\n1500\n1000\n1000\n1000\n1000\n1001 1500\n1000 1000'
}

@test "file capabilities are given, not on a nosuid mount" {
	requires setcap
	run_sh 'for d in /open /nosuid; do cp /usr/bin/chown $d/; setcap cap_chown+ep $d/chown; done; : >/open/f
		/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all sh -c "/open/chown 1001 /open/f; /nosuid/chown 1000 /open/f 2>/dev/null || echo no"
		stat -c %u /open/f'
	assert_status 0
	assert_output $'no\n1001'
}

@test "files are the caller's: ids, umask, setgid directories" {
	requires python3
	cat >rootfs/srv/t.py <<-'END'
		import ctypes, os, socket, stat
		libc = ctypes.CDLL(None, use_errno=True)
		os.chdir("/open"); os.mkdir("team"); os.chown("team", 0, 1500); os.chmod("team", 0o2777)
		os.setgroups([1500]); os.setresgid(1000, 1000, 0); os.setresuid(1000, 1000, 0); os.umask(0o027)
		def show(name):
		    st = os.lstat(name); print(name, oct(st.st_mode), st.st_uid, st.st_gid)
		for d in (".", "team"):
		    os.close(os.open(d + "/file", os.O_CREAT | os.O_WRONLY, 0o666)); show(d + "/file")
		    os.close(os.open(d + "/sgid", os.O_CREAT | os.O_WRONLY, 0o2777)); show(d + "/sgid")
		    os.mkdir(d + "/dir", 0o777); show(d + "/dir"); os.mkfifo(d + "/fifo"); show(d + "/fifo")
		    os.symlink("x", d + "/link"); show(d + "/link")
		    fd = os.open(d, os.O_TMPFILE | os.O_RDWR, 0o666)
		    libc.linkat(-100, b"/proc/self/fd/%d" % fd, -100, (d + "/tmp").encode(), 0x400); show(d + "/tmp")
		    s = socket.socket(socket.AF_UNIX); s.bind(d + "/sock"); show(d + "/sock")
		# The file system's ids alone, as file servers change them.
		os.setresuid(-1, 0, -1); libc.setfsgid(1001); libc.setfsuid(1001); os.umask(0)
		os.close(os.open("fs", os.O_CREAT | os.O_WRONLY, 0o644)); show("fs")
		libc.setfsuid(0); os.close(os.open("fs0", os.O_CREAT | os.O_WRONLY, 0o600)); show("fs0")
	END
	run_ct python3 t.py
	assert_status 0
	assert_output $'./file 0o100640 1000 1000\n./sgid 0o102750 1000 1000\n./dir 0o40750 1000 1000\n./fifo 0o10640 1000 1000
./link 0o120777 1000 1000\n./tmp 0o100640 1000 1000\n./sock 0o140750 1000 1000
team/file 0o100640 1000 1500\nteam/sgid 0o102750 1000 1500\nteam/dir 0o42750 1000 1500\nteam/fifo 0o10640 1000 1500
team/link 0o120777 1000 1500\nteam/tmp 0o100640 1000 1500\nteam/sock 0o140750 1000 1500
fs 0o100644 1001 1001\nfs0 0o100600 0 1001'
}

@test "threads with ids of their own make files of their own" {
	requires python3
	cat >rootfs/srv/t.py <<-'END'
		import ctypes, os, threading
		libc = ctypes.CDLL(None, use_errno=True); os.umask(0)
		# The bare calls change one thread.
		def work(uid):
		    libc.syscall(116, 0, None); libc.syscall(119, uid, uid, uid); libc.syscall(117, uid, uid, uid)
		    for i in range(50):
		        name = f"/open/{uid}-{i}"; os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o600)); os.mkdir(name + "d")
		        st = os.stat(name), os.stat(name + "d")
		        if any((s.st_uid, s.st_gid) != (uid, uid) for s in st): print("wrong", name)
		ts = [threading.Thread(target=work, args=(u,)) for u in range(2000, 2016)]
		[t.start() for t in ts]; [t.join() for t in ts]
		os.close(os.open("/open/main", os.O_CREAT | os.O_WRONLY)); print(os.stat("/open/main").st_uid, len(os.listdir("/open")))
	END
	run_ct python3 t.py
	assert_status 0
	assert_output '0 1601'
}

# The umask counts only where a directory has no default list.
@test "default access lists" {
	requires setfacl
	for d in /open /srv; do
		run_sh "mkdir $d/acl && setfacl -d -m u::rwx,u:1001:rw,g::rx,m::rwx,o::r $d/acl && umask 077 && : >$d/acl/f && mkdir $d/acl/d && mkfifo $d/acl/p
			getfacl -cpE $d/acl/f $d/acl/d $d/acl/p; stat -c %a $d/acl/f $d/acl/d $d/acl/p; setfacl -m u:1000:r $d/acl/f
			/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups sh -c 'echo x >$d/acl/f || cat $d/acl/f' 2>/dev/null && setfacl -b $d/acl/f && getfacl -cp $d/acl/f"
		assert_status 0
		assert_output $'user::rw-\nuser:other:rw-\ngroup::r-x\nmask::rw-\nother::r--\n
user::rwx\nuser:other:rw-\ngroup::r-x\nmask::rwx\nother::r--\ndefault:user::rwx\ndefault:user:other:rw-\ndefault:group::r-x\ndefault:mask::rwx\ndefault:other::r--\n
user::rw-\nuser:other:rw-\ngroup::r-x\nmask::rw-\nother::r--\n\n664\n774\n664\nuser::rw-\ngroup::r-x\nother::r--'
	done
}

@test "ids are real: the host sees the container's" {
	run_sh 'chown 1234:4321 /srv/home; touch /srv/mine; /usr/bin/setpriv --reuid 77 --regid 88 --clear-groups touch /tmp/t'
	assert_status 0
	assert_eq "$(stat -c '%u %g' rootfs/srv/home rootfs/srv/mine rootfs/tmp/t | paste -sd' ')" '1234 4321 0 0 77 88'
}

@test "ids of a mapped user namespace" {
	edit '.linux.namespaces += [{ type: "user" }] | .linux.uidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }]
		| .linux.gidMappings = .linux.uidMappings | .mounts |= map(select(.type != "sysfs"))'
	chown -R 200000:200000 rootfs
	chmod 755 "$T" "$BUNDLE"
	run_sh 'touch /srv/mine; /usr/bin/setpriv --reuid 77 --regid 88 --clear-groups sh -c "touch /tmp/t; id -u; mkdir /srv/no 2>/dev/null || echo no"
		stat -c "%u %g" /tmp/t /usr/bin/id /dev/mqueue; chown 70000 /srv/mine 2>/dev/null || echo unmapped'
	assert_status 0
	assert_output $'77\nno\n77 88\n65534 65534\n0 0\nunmapped'
	assert_eq "$(stat -c '%u %g' rootfs/srv/mine rootfs/tmp/t | paste -sd' ')" '200000 200000 200077 200088'
}

@test "apt's methods run as _apt" {
	requires apt-get
	mkdir -p rootfs/var/lib/apt/lists/partial rootfs/var/cache/apt/archives/partial rootfs/etc/apt/apt.conf.d rootfs/var/lib/dpkg rootfs/srv/repo
	: >rootfs/var/lib/dpkg/status
	: >rootfs/srv/repo/Packages
	echo 'deb [trusted=yes] copy:/srv/repo ./' >rootfs/etc/apt/sources.list
	chown -R 42 rootfs/var/lib/apt/lists/partial
	chmod 700 rootfs/var/lib/apt/lists/partial
	run_sh 'apt-get update -o Debug::pkgAcquire::Worker=1 2>&1 && ls -ld /var/lib/apt/lists/partial; /usr/lib/apt/apt-helper download-file copy:/etc/passwd /open/got 2>&1; cmp /etc/passwd /open/got && echo same'
	assert_has same
	refute_has 'unsandboxed as root'
	refute_has 'W: '
	refute_has 'E: '
}

@test "postgres: initdb and a query as an ordinary user" {
	local bin=(/usr/lib/postgresql/*/bin)
	[ -x "${bin[0]}/initdb" ] || skip "needs postgresql"
	install -d -o 1000 -g 1000 -m 700 rootfs/srv/pg
	run_sh "${bin[0]}/initdb -D /srv/pg 2>&1"
	assert_has 'cannot be run as root'
	as_user
	run_sh "${bin[0]}/initdb -D /srv/pg -A trust --no-locale >/open/log 2>&1 || cat /open/log
		echo 'select 6 * 7 as answer' | ${bin[0]}/postgres --single -D /srv/pg template1 2>/dev/null | grep -o 'answer = \"42\"'; stat -c '%u %a' /srv/pg/PG_VERSION"
	assert_status 0
	assert_output $'answer = "42"\n1000 600'
}

@test "sshd: privilege separation, its own filter, the user's session" {
	requires ssh ssh-keygen /usr/sbin/sshd
	with_logins
	mkdir -p rootfs/run/sshd rootfs/etc/ssh rootfs/srv/home/.ssh rootfs/root/.ssh
	ssh-keygen -q -t ed25519 -N '' -f rootfs/etc/ssh/host
	ssh-keygen -q -t ed25519 -N '' -f rootfs/root/.ssh/key
	cp rootfs/root/.ssh/key.pub rootfs/srv/home/.ssh/authorized_keys
	chown -R 1000:1000 rootfs/srv/home
	chmod 700 rootfs/srv/home rootfs/srv/home/.ssh
	printf 'HostKey /etc/ssh/host\nUsePAM no\nPidFile none\n' >rootfs/etc/ssh/sshd
	# A locked password ("*" is none) would lock the account without PAM.
	run_sh 'ssh -F none -o ProxyCommand="/usr/sbin/sshd -i -f /etc/ssh/sshd" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o BatchMode=yes -i /root/.ssh/key user@there "id -un; id -Gn; touch made; touch /root/no 2>/dev/null || echo no; pwd"'
	assert_status 0
	assert_has $'user\nuser team\nno\n/srv/home'
	assert_eq "$(stat -c '%u %g' rootfs/srv/home/made)" '1000 1000'
}
