#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# As Kubernetes uses it: pods through containerd's CRI, with the RuntimeClass handler of
# examples/containerd-config.toml.

load helpers

setup_file() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	requires containerd ctr containerd-shim-runc-v2 protoc ip
	/usr/bin/python3 -c 'import grpc, google.protobuf' 2>/dev/null || skip "needs python3-grpcio"
	[ -x /usr/lib/cni/ptp ] || skip "needs containernetworking-plugins"
	C=$BATS_FILE_TMPDIR/containerd
	mkdir -p "$C/net"
	export CONTAINERD_NAMESPACE=k8s.io PYTHONPATH=$C
	protoc -I "$BATS_TEST_DIRNAME/cri" --python_out="$C" runtime.proto
	cat >"$C/net/pods.conflist" <<-END
		{ "cniVersion": "0.4.0", "name": "pods", "plugins": [ { "type": "ptp", "ipam": {
			"type": "host-local", "subnet": "198.51.100.0/24", "dataDir": "$C/ipam" } } ] }
	END
	# The pause container wants oom_score_adj -998, for which a machine may lack
	# CAP_SYS_RESOURCE; and its program has to stay.
	sed "/^version/d; s|/usr/local/bin/picket|$C/runtime|" \
		"$BATS_TEST_DIRNAME/../../examples/containerd-config.toml" - >"$C/cri.toml" <<-END
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "docker.io/test/busybox:latest"
		  restrict_oom_score_adj = true
		  disable_apparmor = true
		  [plugins."io.containerd.grpc.v1.cri".cni]
		    bin_dir = "/usr/lib/cni"
		    conf_dir = "$C/net"
	END
	start_containerd "sleep 100000" <"$C/cri.toml"
}

teardown_file() {
	stop_containerd
}

setup() {
	T=$BATS_TEST_TMPDIR
	P=
}

teardown() {
	[ -z "$P" ] || { cri StopPodSandbox '{ pod_sandbox_id }' && cri RemovePodSandbox '{ pod_sandbox_id }'; }
	remove_cgroups
}

# cri METHOD REQUEST [JQ-ARGUMENT...]: REQUEST is a jq program; it gets the pod's id.
cri() {
	local method=$1 request=$2
	shift 2
	"$BATS_TEST_DIRNAME/cri/call" "$C/sock" "$method" \
		"$(jq -n "{ pod_sandbox_id: \$p } | $request" --arg p "$P" "$@")"
}

# run_pod PID_MODE [CHANGE]: sets P.  CHANGE is a jq filter over the pod's configuration.
run_pod() {
	jq -n --arg n "$ID-$BATS_TEST_NUMBER" --arg cgroup "/$ID" --arg pid "$1" --arg logs "$T" '{
		metadata: { name: $n, uid: $n, namespace: "default" }, hostname: "pod", log_directory: $logs,
		linux: { cgroup_parent: $cgroup, sysctls: { "net.core.somaxconn": "1234" },
			security_context: { namespace_options: { pid: $pid } } } }'" | ${2:-.}" >"$T/pod"
	P=$(cri RunPodSandbox '{ config: $c[0], runtime_handler: "picket" }' --slurpfile c "$T/pod" |
		jq -r .pod_sandbox_id)
	[ -n "$P" ]
}

# run_member NAME SCRIPT: a container of the pod, with what Kubernetes sets by default.  Prints its id.
run_member() {
	local id
	mkdir -p "$T/data"
	id=$(cri CreateContainer '. + { sandbox_config: $c[0], config: {
		metadata: { name: $n }, image: { image: "docker.io/test/busybox:latest" },
		command: ["sh", "-c", $script], log_path: $n, mounts: [{ container_path: "/data", host_path: $data }],
		linux: { resources: { cpu_shares: 512, cpu_quota: 50000, cpu_period: 100000,
				memory_limit_in_bytes: 67108864, oom_score_adj: 900 },
			security_context: { namespace_options: $c[0].linux.security_context.namespace_options,
				no_new_privs: true, capabilities: { drop_capabilities: ["ALL"] },
				masked_paths: ["/proc/kcore"], readonly_paths: ["/proc/sys"] } } } }' \
		--slurpfile c "$T/pod" --arg n "$1" --arg script "$2" --arg data "$T/data" |
		jq -r .container_id)
	cri StartContainer '{ container_id: $id }' --arg id "$id" >/dev/null
	echo "$id"
}

status_of() {
	cri ContainerStatus '{ container_id: $id }' --arg id "$1" | jq -r '.status | "\(.state) \(.exit_code)"'
}

has_status() {
	[ "$(status_of "$1")" = "$2" ]
}

# log NAME: what a container wrote.
log() {
	cut -d ' ' -f 4- "$T/$1"
}

exec_in() {
	cri ExecSync '{ container_id: $id, cmd: ["sh", "-c", $script] }' --arg id "$1" --arg script "$2" |
		jq -r '(.stdout | @base64d), .exit_code'
}

@test "the containers of a pod share network, host name and volumes, and see their own processes" {
	run_pod CONTAINER
	server=$(run_member server 'hostname; cat /proc/sys/net/core/somaxconn; echo x >/data/f
		ip addr show eth0 | grep -o "inet 198.51.100."; echo hi | nc -l -p 8080 >/dev/null; echo served; sleep 100000')
	wait_until test -e "$T/data/f"
	client=$(run_member client 'until echo | nc 127.0.0.1 8080; do sleep 0.1; done
		cat /data/f; readlink /proc/self/ns/ipc; echo $$; exit 3')
	wait_until has_status "$client" "CONTAINER_EXITED 3"
	wait_until grep -q served "$T/server"
	assert_eq "$(log server)" $'pod\n1234\ninet 198.51.100.\nserved'
	run exec_in "$server" 'readlink /proc/self/ns/ipc'
	assert_eq "$(log client)" $'hi\nx\n'"${lines[0]}"$'\n1'
}

@test "a pod may share its processes" {
	run_pod POD
	one=$(run_member one 'sleep 54321')
	wait_until has_status "$one" "CONTAINER_RUNNING 0"
	run_member two 'ps; echo $$ >/data/pid; kill $(pidof sleep | cut -d " " -f 1)' >/dev/null
	wait_until has_status "$one" "CONTAINER_EXITED 143"
	run log two
	assert_has "sleep 100000"
	assert_has "sleep 54321"
	[ "$(cat "$T/data/pid")" -gt 1 ]
}

@test "exec, update, stop, and nothing is left of the pod" {
	run_pod CONTAINER
	one=$(run_member one 'trap "" TERM; echo ready >/data/ready; while :; do sleep 1; done')
	wait_until test -e "$T/data/ready"
	run exec_in "$one" 'ls /data; exit 7'
	assert_output $'ready\n\n7'
	cri UpdateContainerResources '{ container_id: $id, linux: { memory_limit_in_bytes: 100003840 } }' \
		--arg id "$one" >/dev/null
	cat /sys/fs/cgroup{,/memory}/"$ID"/*/memory.{limit_in_bytes,max} 2>/dev/null | grep -qx 100003840
	cri StopContainer '{ container_id: $id, timeout: 1 }' --arg id "$one" >/dev/null
	assert_eq "$(status_of "$one")" "CONTAINER_EXITED 137"
	cri StopPodSandbox "{ pod_sandbox_id }" >/dev/null
	cri RemovePodSandbox "{ pod_sandbox_id }" >/dev/null
	P=
	run processes_left
	assert_output ""
	run find "$C/run" -name '*.pid'
	assert_output ""
}

@test "an error of the runtime reaches the user" {
	run run_pod CONTAINER '.linux.sysctls = { "net.core.nonsense": "1" }'
	assert_failure
	assert_has "net.core.nonsense"
}

@test "an annotation of the pod makes the mode stricter" {
	requires picket
	run_pod CONTAINER '.annotations["dev.picket.sentry"] = "strict"'
	one=$(run_member one 'uname -r; sleep 100000')
	wait_until grep -q . "$T/one"
	[ "$(log one)" != "$(uname -r)" ]
}
