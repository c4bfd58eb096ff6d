#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Real programs of the host's tree, bound read-only: interpreters, a compiler, git, servers.

load helpers

setup() {
	setup_bundle
	with_host_programs
	edit '.process.cwd = "/srv" | .process.rlimits = []'
}

teardown() {
	teardown_bundle
}

@test "python3: standard modules, files, threads, subprocesses, sqlite" {
	requires python3
	cat >rootfs/srv/t.py <<-'END'
		import json, os, sqlite3, subprocess, tempfile, threading, pathlib, shutil, hashlib
		db = sqlite3.connect("t.db"); db.execute("create table t(a)")
		db.executemany("insert into t values (?)", [(i,) for i in range(1000)]); db.commit()
		print(db.execute("select sum(a) from t").fetchone()[0])
		seen = []
		def work(i):
		    p = pathlib.Path(f"f{i}"); p.write_text(str(i)); seen.append(p.read_text()); p.rename(f"g{i}")
		ts = [threading.Thread(target=work, args=(i,)) for i in range(20)]
		[t.start() for t in ts]; [t.join() for t in ts]
		print(len(seen), len([n for n in os.listdir(".") if n.startswith("g")]))
		print(subprocess.run(["sh", "-c", "echo child; exit 3"], capture_output=True).stdout.decode().strip())
		with tempfile.TemporaryDirectory() as d:
		    open(os.path.join(d, "x"), "w").close(); os.chmod(os.path.join(d, "x"), 0o640)
		    print(oct(os.stat(os.path.join(d, "x")).st_mode)); shutil.copytree(d, "copy")
		print(os.path.realpath("/proc/self/exe").startswith("/usr"), os.getpid() == int(os.readlink("/proc/self")))
	END
	run_ct python3 t.py
	assert_status 0
	assert_output $'499500\n20 20\nchild\n0o100640\nTrue True'
}

@test "python3: asyncio, sockets, multiprocessing, http" {
	requires python3
	cat >rootfs/srv/t.py <<-'END'
		import asyncio, http.server, threading, urllib.request, multiprocessing, socket, os
		def square(x): return x * x
		if __name__ == "__main__":
		    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
		    threading.Thread(target=s.serve_forever, daemon=True).start()
		    open("page", "w").write("body")
		    print(urllib.request.urlopen(f"http://127.0.0.1:{s.server_port}/page").read().decode())
		    async def main():
		        p = await asyncio.create_subprocess_exec("echo", "sub", stdout=asyncio.subprocess.PIPE)
		        print((await p.communicate())[0].decode().strip())
		        await asyncio.gather(*(asyncio.sleep(0.01) for _ in range(100)))
		    asyncio.run(main())
		    u = socket.socket(socket.AF_UNIX); u.bind("sock"); u.listen(1)
		    c = socket.socket(socket.AF_UNIX); c.connect("sock"); a, _ = u.accept()
		    a.sendall(b"unix"); print(c.recv(10).decode())
		    with multiprocessing.Pool(3) as pool: print(sum(pool.map(square, range(10))))
	END
	run_sh 'ip link set lo up 2>/dev/null; exec python3 t.py'
	[ "$status" -eq 0 ] || [[ $output == *"Network is unreachable"* ]] || false
	assert_has $'body\nsub\nunix\n285'
}

@test "node: files, workers, child processes, http" {
	requires node
	cat >rootfs/srv/t.js <<-'END'
		const fs = require('fs'), http = require('http'), cp = require('child_process');
		const { Worker } = require('worker_threads');
		fs.writeFileSync('f', 'text'); fs.renameSync('f', 'g');
		console.log(fs.readFileSync('g', 'utf8'), fs.statSync('g').size);
		console.log(cp.execSync('echo child').toString().trim());
		new Worker("require('worker_threads').parentPort.postMessage(6 * 7)", { eval: true })
		  .on('message', m => {
		    console.log(m);
		    const s = http.createServer((q, r) => r.end('body')).listen(0, '127.0.0.1', () =>
		      http.get({ port: s.address().port, host: '127.0.0.1' }, r => r.on('data', d => {
		        console.log(String(d)); s.close(); })));
		  });
	END
	run_ct node t.js
	assert_status 0
	assert_output $'text 4\nchild\n42\nbody'
}

@test "cc compiles and runs a program" {
	requires cc
	printf '#include <stdio.h>\nint main(void) { puts("built"); return 4; }\n' >rootfs/srv/a.c
	run_sh 'cc -O2 -o a a.c && ./a'
	assert_status 4
	assert_output built
}

@test "git: init, commit, branch, log" {
	requires git
	run_sh 'export HOME=/srv GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a
		git init -q r && cd r && echo 1 >f && git add f && git commit -qm one && git checkout -qb b &&
		echo 2 >>f && git commit -qam two && git log --format=%s && git fsck && git gc -q && git status -s'
	assert_status 0
	assert_has $'two\none'
}

@test "tar, find, xargs, sort, make over many files" {
	run_sh 'mkdir t && for i in $(seq 300); do echo $i >t/$i; done && tar -cf t.tar t && rm -r t &&
		tar -xf t.tar && find t -type f | xargs cat | sort -n | tail -n 1 && cp -a t u &&
		chmod -R 700 u && ln -s t v && mv u w && ls w | wc -l && rm -rf w && ls'
	assert_status 0
	assert_output $'300\n300\nt\nt.tar\nv'
}

@test "strace traces a program where the container allows it" {
	requires strace
	edit '.process.capabilities.bounding += ["CAP_SYS_PTRACE"] | .process.capabilities.effective += ["CAP_SYS_PTRACE"]
		| .process.capabilities.permitted += ["CAP_SYS_PTRACE"]'
	run_sh 'strace -e trace=getcwd /bin/pwd 2>&1 | grep -c "^getcwd"'
	assert_output 1
}
