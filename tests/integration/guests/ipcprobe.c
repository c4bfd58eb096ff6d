// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SysV and POSIX message queues and semaphores: many calls, each with its result, one a
 * line.  Run in a fresh ipc namespace and under the sentry, the outputs have to be the same.
 *
 * usage: ipcprobe [GROUP...]     see the end of this file
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHOW(expr) show(__LINE__, #expr, (long)(expr))

static void show(int line, const char *what, long r)
{
	if (r < 0)
		printf("%d: %s = %s\n", line, what, strerrorname_np(errno));
	else
		printf("%d: %s = %ld\n", line, what, r);
	fflush(stdout);
}

union semun {
	int val;
	void *buf;
};

static struct {
	long type;
	char text[16384];
} m;

static char *bad(void)
{
	static char *p;

	if (!p)
		p = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p;
}

static void pause_ms(int ms)
{
	poll(NULL, 0, ms);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A child that does something and ends with its result's errno. */
#define CHILD(expr)                                       \
	({                                                \
		pid_t pid_ = fork();                      \
		if (pid_ == 0) {                          \
			errno = 0;                        \
			_exit((long)(expr) < 0 ? errno : 0); \
		}                                         \
		pid_;                                     \
	})

static long ended(pid_t pid)
{
	int st = -1;

	waitpid(pid, &st, 0);
	return st;
}

static long snd(int id, long type, size_t len, int flags)
{
	m.type = type;
	for (size_t i = 0; i < len && i < sizeof(m.text); i++)
		m.text[i] = (char)('a' + type);
	return msgsnd(id, &m, len, flags);
}

static long rcv(int id, size_t size, long type, int flags)
{
	long r;

	memset(&m, 0, sizeof(m));
	r = msgrcv(id, &m, size, type, flags);
	if (r >= 0)
		printf("type %ld text '%.10s' ", m.type, m.text);
	return r;
}

static void show_queue(int line, int id, int cmd)
{
	struct msqid_ds d;
	long now = time(NULL);
	long r = (memset(&d, 0xee, sizeof(d)), msgctl(id, cmd, &d));

	show(line, "msgctl", r);
	if (r < 0)
		return;
	printf("key %d uid %u gid %u cuid %u cgid %u mode %o seq %u bytes %lu n %lu max %lu "
	       "times %d%d%d pids %d%d\n",
	       d.msg_perm.__key, d.msg_perm.uid, d.msg_perm.gid, d.msg_perm.cuid,
	       d.msg_perm.cgid, d.msg_perm.mode, d.msg_perm.__seq, d.__msg_cbytes,
	       d.msg_qnum, d.msg_qbytes, d.msg_stime ? now - d.msg_stime < 60 : 9,
	       d.msg_rtime ? now - d.msg_rtime < 60 : 9, now - d.msg_ctime < 60,
	       d.msg_lspid == getpid(), d.msg_lrpid == getpid());
}

static void messages(void)
{
	struct msqid_ds d;
	struct msginfo info;
	int id, other;

	SHOW(msgget(77, 0));
	SHOW(id = msgget(77, IPC_CREAT | 0640));
	SHOW(msgget(77, IPC_CREAT | IPC_EXCL | 0640));
	SHOW(msgget(77, 0666));
	SHOW(msgget(IPC_PRIVATE, 0600));
	SHOW(other = msgget(IPC_PRIVATE, IPC_CREAT | IPC_EXCL));
	show_queue(__LINE__, id, IPC_STAT);
	show_queue(__LINE__, other, IPC_STAT);
	show_queue(__LINE__, 1, MSG_STAT);
	show_queue(__LINE__, 2, MSG_STAT_ANY);
	show_queue(__LINE__, 3, MSG_STAT);
	show_queue(__LINE__, 1 << 15, IPC_STAT);
	show_queue(__LINE__, -1, IPC_STAT);
	show_queue(__LINE__, 4000, IPC_STAT);
	SHOW(msgctl(id, 99, &d));
	SHOW(msgctl(id, IPC_STAT, (void *)bad()));
	SHOW(msgctl(id, IPC_SET, (void *)bad()));
	SHOW(msgctl(id, -1, &d));
	SHOW(snd(id, 3, 5, 0));
	SHOW(snd(id, 1, 0, 0));
	SHOW(snd(id, 2, 8192, 0));
	SHOW(snd(id, 2, 8193, 0));
	SHOW(snd(id, 2, (size_t)-1, 0));
	SHOW(snd(id, 0, 1, 0));
	SHOW(snd(id, -5, 1, 0));
	SHOW(snd(-1, 5, 1, 0));
	SHOW(snd(555, 5, 1, 0));
	SHOW(msgsnd(id, bad(), 1, 0));
	SHOW(msgsnd(id, (char *)bad() - 8, 1, 0));
	show_queue(__LINE__, id, IPC_STAT);
	SHOW(snd(id, 4, 8192, IPC_NOWAIT));
	SHOW(snd(id, 4, 8000, IPC_NOWAIT));
	SHOW(snd(id, 4, 300, IPC_NOWAIT));
	SHOW(rcv(id, 3, 3, IPC_NOWAIT));
	SHOW(rcv(id, 3, 3, IPC_NOWAIT | MSG_NOERROR));
	SHOW(rcv(id, 100, 3, IPC_NOWAIT));
	SHOW(rcv(id, 100, -1, IPC_NOWAIT));
	SHOW(rcv(id, 9000, 2, MSG_EXCEPT));
	SHOW(rcv(id, 9000, -2, 0));
	SHOW(rcv(id, 9000, LONG_MIN, IPC_NOWAIT));
	SHOW(rcv(id, (size_t)-1, 0, IPC_NOWAIT));
	SHOW(rcv(-1, 1, 0, IPC_NOWAIT));
	SHOW(rcv(12345, 1, 0, IPC_NOWAIT));
	for (long t = 9; t > 0; t -= 2)
		SHOW(snd(id, t, 3, 0));
	SHOW(rcv(id, 100, 1, IPC_NOWAIT | MSG_COPY));
	SHOW(rcv(id, 1, 1, IPC_NOWAIT | MSG_COPY));
	SHOW(rcv(id, 100, 7, IPC_NOWAIT | MSG_COPY));
	SHOW(rcv(id, 100, 1, MSG_COPY));
	SHOW(rcv(id, 100, 1, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT));
	SHOW(rcv(id, 100, LONG_MIN, 0));
	SHOW(rcv(id, 100, -6, 0));
	SHOW(rcv(id, 100, 9, MSG_EXCEPT));
	SHOW(rcv(id, 100, 0, 0));
	SHOW(msgrcv(id, bad(), 100, 0, 0));
	show_queue(__LINE__, id, IPC_STAT);
	SHOW(msgctl(id, IPC_STAT, &d));
	d.msg_perm.mode = 07777;
	d.msg_perm.uid = 7;
	d.msg_perm.gid = 8;
	d.msg_qbytes = 10;
	SHOW(msgctl(id, IPC_SET, &d));
	show_queue(__LINE__, id, IPC_STAT);
	SHOW(snd(id, 1, 10, IPC_NOWAIT));
	SHOW(snd(id, 1, 1, IPC_NOWAIT));
	SHOW(snd(id, 1, 0, IPC_NOWAIT));
	SHOW(msgctl(0, MSG_INFO, (void *)&info));
	printf("%d %d %d %d %d %d %d %u\n", info.msgpool, info.msgmap, info.msgmax,
	       info.msgmnb, info.msgmni, info.msgssz, info.msgtql, info.msgseg);
	SHOW(msgctl(0, IPC_INFO, (void *)&info));
	printf("%d %d %d %d %d %d %d %u\n", info.msgpool, info.msgmap, info.msgmax,
	       info.msgmnb, info.msgmni, info.msgssz, info.msgtql, info.msgseg);
	SHOW(msgctl(id, IPC_RMID, NULL));
	SHOW(msgctl(id, IPC_RMID, NULL));
	SHOW(snd(id, 1, 1, 0));
	SHOW(msgctl(0, MSG_INFO, (void *)&info));
	SHOW(msgget(77, 0));
	SHOW(msgget(77, IPC_CREAT | 0600));
}

/* Numbers of objects: indices in turn, and how often they came round. */
static void numbers(void)
{
	int id[200];

	for (int i = 0; i < 150; i++) {
		id[i] = msgget(IPC_PRIVATE, 0600);
		if (i % 3)
			msgctl(id[i], IPC_RMID, NULL);
		printf("%d ", id[i]);
	}
	for (int i = 0; i < 200; i++) {
		int s = semget(IPC_PRIVATE, 1, 0600);

		printf("%d ", s);
		semctl(s, 0, IPC_RMID);
	}
	puts("");
}

static long op1(int id, int num, int by, int flags)
{
	struct sembuf b = { (unsigned short)num, (short)by, (short)flags };

	return semop(id, &b, 1);
}

static void show_set(int line, int id, int cmd)
{
	struct semid_ds d;
	long now = time(NULL);
	long r = (memset(&d, 0xee, sizeof(d)),
		  semctl(id, 0, cmd, (union semun){ .buf = &d }));

	show(line, "semctl", r);
	if (r < 0)
		return;
	printf("key %d uid %u gid %u cuid %u cgid %u mode %o seq %u n %lu times %d%d\n",
	       d.sem_perm.__key, d.sem_perm.uid, d.sem_perm.gid, d.sem_perm.cuid,
	       d.sem_perm.cgid, d.sem_perm.mode, d.sem_perm.__seq, d.sem_nsems,
	       d.sem_otime ? now - d.sem_otime < 60 : 9, now - d.sem_ctime < 60);
}

static void show_info(int line, int cmd)
{
	struct seminfo i;

	show(line, "semctl", semctl(0, 0, cmd, (union semun){ .buf = &i }));
	printf("%d %d %d %d %d %d %d %d %d %d\n", i.semmap, i.semmni, i.semmns, i.semmnu,
	       i.semmsl, i.semopm, i.semume, i.semusz, i.semvmx, i.semaem);
}

static void semaphores(void)
{
	struct sembuf many[600] = { 0 };
	unsigned short v[3] = { 5, 0, 32767 };
	struct timespec t = { 0, 50000000 };
	struct semid_ds d;
	int id;

	SHOW(semget(5, 1, 0));
	SHOW(semget(5, 0, IPC_CREAT | 0600));
	SHOW(semget(5, -1, IPC_CREAT | 0600));
	SHOW(semget(5, 32001, IPC_CREAT | 0600));
	SHOW(id = semget(5, 3, IPC_CREAT | 0644));
	SHOW(semget(5, 3, IPC_CREAT | IPC_EXCL));
	SHOW(semget(5, 4, 0));
	SHOW(semget(5, 0, 0));
	SHOW(semget(5, 2, 0));
	SHOW(semget(IPC_PRIVATE, 32000, 0600));
	show_set(__LINE__, id, IPC_STAT);
	show_set(__LINE__, 1, SEM_STAT);
	show_set(__LINE__, 1, SEM_STAT_ANY);
	show_set(__LINE__, 5, SEM_STAT);
	show_set(__LINE__, -1, IPC_STAT);
	SHOW(semctl(id, 0, 99));
	SHOW(semctl(id, 0, GETVAL));
	SHOW(semctl(id, 3, GETVAL));
	SHOW(semctl(id, -1, GETVAL));
	SHOW(semctl(id, 0, SETVAL, (union semun){ .val = 32768 }));
	SHOW(semctl(id, 0, SETVAL, (union semun){ .val = -1 }));
	SHOW(semctl(id, 3, SETVAL, (union semun){ .val = 1 }));
	SHOW(semctl(id, 0, GETPID));
	SHOW(semctl(id, 0, SETVAL, (union semun){ .val = 4 }));
	SHOW(semctl(id, 0, GETPID) == getpid());
	SHOW(semctl(id, 1, GETPID));
	SHOW(semctl(id, 0, SETALL, (union semun){ .buf = v }));
	memset(v, 0, sizeof(v));
	SHOW(semctl(id, 0, GETALL, (union semun){ .buf = v }));
	printf("%u %u %u\n", v[0], v[1], v[2]);
	SHOW(semctl(id, 0, GETALL, (union semun){ .buf = bad() }));
	SHOW(semctl(id, 0, SETALL, (union semun){ .buf = bad() }));
	v[1] = 40000;
	SHOW(semctl(id, 0, SETALL, (union semun){ .buf = v }));
	SHOW(op1(id, 0, -3, 0));
	SHOW(op1(id, 0, -3, IPC_NOWAIT));
	SHOW(op1(id, 0, 0, IPC_NOWAIT));
	SHOW(op1(id, 1, 0, 0));
	SHOW(op1(id, 2, 1, 0));
	SHOW(op1(id, 3, 1, 0));
	SHOW(op1(99, 0, 1, 0));
	SHOW(op1(-1, 0, 1, 0));
	SHOW(semop(id, many, 0));
	SHOW(semop(id, many, 501));
	SHOW(semop(id, (void *)bad(), 1));
	for (int i = 0; i < 500; i++)
		many[i] = (struct sembuf){ 1, 2, 0 };
	SHOW(semop(id, many, 500));
	SHOW(semctl(id, 1, GETVAL));
	/* All or nothing. */
	many[0] = (struct sembuf){ 0, -1, 0 };
	many[1] = (struct sembuf){ 1, -2000, IPC_NOWAIT };
	SHOW(semop(id, many, 2));
	SHOW(semctl(id, 0, GETVAL));
	many[1] = (struct sembuf){ 2, 1, 0 };
	SHOW(semop(id, many, 2));
	SHOW(semctl(id, 0, GETVAL));
	many[1] = (struct sembuf){ 1, -1000, 0 };
	many[2] = (struct sembuf){ 1, 0, 0 };
	SHOW(semop(id, many, 3));
	SHOW(semctl(id, 0, GETVAL));
	SHOW(op1(id, 0, -1, 0));
	SHOW(semtimedop(id, many, 1, &t));
	t.tv_nsec = 1000000000;
	SHOW(semtimedop(id, many, 1, &t));
	t.tv_nsec = -1;
	SHOW(semtimedop(id, many, 1, &t));
	t = (struct timespec){ -1, 0 };
	SHOW(semtimedop(id, many, 1, &t));
	t = (struct timespec){ 0, 0 };
	SHOW(semtimedop(id, many, 1, &t));
	SHOW(semtimedop(id, many, 1, (void *)bad()));
	show_set(__LINE__, id, IPC_STAT);
	SHOW(semctl(id, 0, IPC_STAT, (union semun){ .buf = &d }));
	d.sem_perm.mode = 0777777;
	d.sem_perm.uid = 9;
	d.sem_perm.gid = 10;
	SHOW(semctl(id, 0, IPC_SET, (union semun){ .buf = &d }));
	SHOW(semctl(id, 0, IPC_SET, (union semun){ .buf = bad() }));
	show_set(__LINE__, id, IPC_STAT);
	show_info(__LINE__, IPC_INFO);
	show_info(__LINE__, SEM_INFO);
	SHOW(semctl(id, 0, IPC_RMID));
	SHOW(semctl(id, 0, IPC_RMID));
	show_info(__LINE__, SEM_INFO);
	SHOW(op1(id, 0, 1, 0));
}

static void *undo_thread(void *id)
{
	return (void *)op1((int)(long)id, 0, -2, SEM_UNDO);
}

static void undo(void)
{
	int id = semget(IPC_PRIVATE, 2, 0600), other = semget(IPC_PRIVATE, 1, 0600);
	int ends[2];
	pthread_t t;
	pid_t pid;
	char c;

	SHOW(semctl(id, 0, SETVAL, (union semun){ .val = 10 }));
	SHOW(ended(CHILD(op1(id, 0, -3, SEM_UNDO))));
	SHOW(semctl(id, 0, GETVAL));
	SHOW(ended(pid = CHILD(-(op1(id, 0, -3, SEM_UNDO) || op1(other, 0, 5, SEM_UNDO) ||
				 op1(id, 0, 1, SEM_UNDO)))));
	SHOW(semctl(id, 0, GETVAL));
	SHOW(semctl(other, 0, GETVAL));
	SHOW(semctl(other, 0, GETPID) == pid);
	SHOW(ended(CHILD(op1(id, 0, -32768, SEM_UNDO | IPC_NOWAIT))));
	SHOW(ended(CHILD(-(op1(id, 1, 32767, SEM_UNDO) || op1(id, 1, -32767, 0) ||
			   op1(id, 1, 2, SEM_UNDO)))));
	SHOW(semctl(id, 1, GETVAL));
	/* A new value is nobody's debt. */
	SHOW(ended(CHILD(-(op1(id, 0, -3, SEM_UNDO) ||
			   semctl(id, 0, SETVAL, (union semun){ .val = 10 }) ||
			   op1(id, 0, -1, SEM_UNDO)))));
	SHOW(semctl(id, 0, GETVAL));
	/* The end of a thread is not the end of its process; exec keeps what is owed. */
	pid = fork();
	if (pid == 0) {
		pthread_create(&t, NULL, undo_thread, (void *)(long)id);
		pthread_join(t, NULL);
		_exit(semctl(id, 0, GETVAL));
	}
	SHOW(ended(pid) >> 8);
	SHOW(semctl(id, 0, GETVAL));
	if (pipe(ends) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		op1(id, 0, -4, SEM_UNDO);
		close(ends[1]);
		dup2(ends[0], 0);
		execl("/bin/cat", "cat", NULL);
		_exit(1);
	}
	close(ends[0]);
	pause_ms(300);
	SHOW(semctl(id, 0, GETVAL));
	close(ends[1]);
	SHOW(ended(pid));
	SHOW(semctl(id, 0, GETVAL));
	/* Whoever waits is woken by the end of another, however it ends. */
	if (pipe(ends) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		c = (char)op1(id, 0, -10, SEM_UNDO);
		if (write(ends[1], &c, 1) == 1)
			pause();
		_exit(1);
	}
	SHOW(read(ends[0], &c, 1));
	SHOW(c);
	SHOW(semctl(id, 0, GETVAL));
	if (fork() == 0) {
		pause_ms(200);
		kill(pid, SIGKILL);
		_exit(0);
	}
	SHOW(op1(id, 0, -7, 0));
	SHOW(semctl(id, 0, GETVAL));
	while (wait(NULL) > 0)
		;
	/* The set goes first. */
	pid = fork();
	if (pid == 0)
		_exit(op1(id, 0, -1, SEM_UNDO) || semctl(id, 0, IPC_RMID));
	SHOW(ended(pid));
}

static void blocking(void)
{
	int q = msgget(IPC_PRIVATE, 0600), s = semget(IPC_PRIVATE, 2, 0600);
	struct sembuf both[2] = { { 0, -1, 0 }, { 1, -1, 0 } };
	struct timespec t = { 10, 0 };
	pid_t pid, more;

	pid = CHILD(rcv(q, 100, 7, 0) - 4);
	pause_ms(200);
	SHOW(snd(q, 6, 4, 0));
	SHOW(snd(q, 7, 4, 0));
	SHOW(ended(pid) & 0xff);
	SHOW(rcv(q, 100, 0, IPC_NOWAIT));
	/* A receiver whose buffer is too small gets an error, the next one the message. */
	pid = CHILD(rcv(q, 2, 0, 0));
	pause_ms(200);
	SHOW(snd(q, 1, 9, 0));
	SHOW(ended(pid) >> 8 == E2BIG);
	SHOW(rcv(q, 100, 0, IPC_NOWAIT));
	SHOW(snd(q, 1, 8192, 0));
	SHOW(snd(q, 2, 8192, 0));
	pid = CHILD(snd(q, 3, 1, 0));
	pause_ms(200);
	SHOW(rcv(q, 9000, 2, 0));
	SHOW(ended(pid));
	SHOW(rcv(q, 100, 3, IPC_NOWAIT));
	SHOW(rcv(q, 9000, 0, IPC_NOWAIT));
	pid = CHILD(rcv(q, 100, 0, 0));
	more = CHILD(rcv(q, 100, 5, 0));
	pause_ms(200);
	SHOW(msgctl(q, IPC_RMID, NULL));
	SHOW(ended(pid) >> 8 == EIDRM);
	SHOW(ended(more) >> 8 == EIDRM);

	pid = CHILD(semop(s, both, 2));
	more = CHILD(op1(s, 1, 0, 0));
	SHOW(ended(more));
	pause_ms(200);
	SHOW(semctl(s, 0, GETNCNT));
	SHOW(semctl(s, 1, GETNCNT));
	SHOW(op1(s, 0, 1, 0));
	pause_ms(100);
	SHOW(semctl(s, 0, GETVAL));
	SHOW(semctl(s, 0, GETNCNT));
	SHOW(semctl(s, 1, GETNCNT));
	SHOW(op1(s, 1, 1, 0));
	SHOW(ended(pid));
	SHOW(semctl(s, 0, GETVAL));
	SHOW(semctl(s, 1, GETPID) == pid);
	SHOW(op1(s, 0, 2, 0));
	pid = CHILD(op1(s, 0, 0, 0));
	more = CHILD(op1(s, 0, -3, 0));
	pause_ms(200);
	SHOW(semctl(s, 0, GETZCNT));
	SHOW(semctl(s, 0, GETNCNT));
	SHOW(op1(s, 0, 1, 0));
	SHOW(ended(more));
	SHOW(ended(pid));
	SHOW(semctl(s, 0, GETVAL));
	pid = CHILD(op1(s, 0, -1, 0));
	pause_ms(200);
	SHOW(semctl(s, 0, SETVAL, (union semun){ .val = 1 }));
	SHOW(ended(pid));
	pid = CHILD(op1(s, 0, -1, 0));
	pause_ms(200);
	SHOW(kill(pid, SIGKILL));
	SHOW(ended(pid));
	/* The dead get nothing. */
	SHOW(op1(s, 0, 1, 0));
	SHOW(semctl(s, 0, GETVAL));
	SHOW(semctl(s, 0, GETNCNT));
	SHOW(op1(s, 0, -1, 0));
	pid = CHILD(semtimedop(s, both, 2, &t));
	pause_ms(200);
	SHOW(semctl(s, 0, IPC_RMID));
	SHOW(ended(pid) >> 8 == EIDRM);
}

static volatile int handled;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	handled++;
}

static void alarm_in(int ms, int flags)
{
	struct itimerval in = { .it_value = { ms / 1000, ms % 1000 * 1000 } };
	struct sigaction sa = { .sa_sigaction = on_signal,
				.sa_flags = flags | SA_SIGINFO };

	handled = 0;
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &in, NULL);
}

/* A handler ends all of these, whatever SA_RESTART says; but for POSIX queues. */
static void signals(void)
{
	int q = msgget(IPC_PRIVATE, 0600), s = semget(IPC_PRIVATE, 1, 0600);
	struct sembuf b = { 0, -1, 0 };
	struct timespec t = { 10, 0 };
	char text[8192];
	pid_t pid;
	mqd_t mq;

	for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
		alarm_in(100, flags);
		SHOW(rcv(q, 100, 0, 0));
		alarm_in(100, flags);
		SHOW(semop(s, &b, 1));
		alarm_in(100, flags);
		SHOW(semtimedop(s, &b, 1, &t));
		SHOW(handled);
	}
	alarm_in(1200, SA_RESTART);
	SHOW(semop(s, &b, 1));
	/* To be stopped and continued ends semop, not msgrcv. */
	pid = CHILD(op1(s, 0, -1, 0));
	pause_ms(100);
	kill(pid, SIGSTOP);
	pause_ms(100);
	kill(pid, SIGCONT);
	SHOW(ended(pid) >> 8 == EINTR);
	pid = CHILD(rcv(q, 100, 0, 0));
	pause_ms(100);
	kill(pid, SIGSTOP);
	pause_ms(100);
	kill(pid, SIGCONT);
	pause_ms(100);
	SHOW(snd(q, 5, 5, 0));
	SHOW(ended(pid));
	mq_unlink("/signals");
	SHOW((mq = mq_open("/signals", O_RDWR | O_CREAT, 0600, NULL)) >= 0);
	alarm_in(100, 0);
	SHOW(mq_receive(mq, text, sizeof(text), NULL));
	alarm_in(100, SA_RESTART);
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec++;
	SHOW(mq_timedreceive(mq, text, sizeof(text), NULL, &t));
	SHOW(handled);
	SHOW(mq_unlink("/signals"));
	SHOW(msgctl(q, IPC_RMID, NULL));
	SHOW(semctl(s, 0, IPC_RMID));
}

static int become(int uid, int gid)
{
	gid_t more = 500;

	return setgroups(1, &more) || setresgid(gid, gid, gid) ||
	       setresuid(uid, uid, uid);
}

/* As others; with 0 for the group the owner's. */
static void permissions(void)
{
	static const int ids[][2] = { { 1000, 1000 }, { 1001, 1000 }, { 1002, 1002 } };
	struct msqid_ds d = { .msg_qbytes = 100 };
	struct semid_ds sd = { 0 };
	int q, s;

	for (int mode = 0; mode <= 0666; mode += 0222) {
		for (int i = 0; i < 3; i++) {
			pid_t pid = fork();

			if (pid == 0) {
				int mine = mode & (0700 >> 3 * i);

				become(1000, 1000);
				q = msgget(99, IPC_CREAT | mine);
				s = semget(99, 1, IPC_CREAT | mine);
				_exit(0);
			}
			ended(pid);
			q = msgget(99, 0);
			s = semget(99, 0, 0);
			fflush(stdout);
			pid = fork();
			if (pid == 0) {
				SHOW(become(ids[i][0], ids[i][1]));
				SHOW(msgget(99, 0) >= 0);
				SHOW(msgget(99, 0400) >= 0 ? 0 : -1);
				SHOW(msgget(99, 0020) >= 0 ? 0 : -1);
				SHOW(msgget(99, 0666) >= 0 ? 0 : -1);
				SHOW(semget(99, 1, 0600) >= 0 ? 0 : -1);
				SHOW(snd(q, 1, 1, IPC_NOWAIT));
				SHOW(rcv(q, 1, 0, IPC_NOWAIT));
				SHOW(msgctl(q, IPC_STAT, &d));
				SHOW(op1(s, 0, 1, IPC_NOWAIT));
				SHOW(op1(s, 5, 1, IPC_NOWAIT));
				SHOW(op1(s, 0, 0, IPC_NOWAIT));
				SHOW(semctl(s, 0, GETVAL));
				SHOW(semctl(s, 0, SETVAL, (union semun){ .val = 0 }));
				SHOW(semctl(s, 0, IPC_STAT, (union semun){ .buf = &sd }));
				d.msg_qbytes = 20000;
				SHOW(msgctl(q, IPC_SET, &d));
				d.msg_perm.uid = 1000;
				d.msg_perm.gid = 500;
				d.msg_qbytes = 100;
				SHOW(msgctl(q, IPC_SET, &d));
				if (i > 0) {
					SHOW(semctl(s, 0, IPC_RMID));
					SHOW(msgctl(q, IPC_RMID, NULL));
				}
				exit(0);
			}
			ended(pid);
			SHOW(semctl(s, 0, IPC_RMID));
			SHOW(msgctl(q, IPC_RMID, NULL));
		}
	}
}

static int poll_of(mqd_t mq)
{
	struct pollfd p = { .fd = (int)mq, .events = POLLIN | POLLOUT };

	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

static void show_attr(int line, mqd_t mq)
{
	struct mq_attr a = { 0 };

	show(line, "mq_getattr", mq_getattr(mq, &a));
	printf("flags %ld max %ld size %ld now %ld\n", a.mq_flags, a.mq_maxmsg,
	       a.mq_msgsize, a.mq_curmsgs);
}

static long get(mqd_t mq)
{
	char text[8193] = "";
	unsigned int prio = 99;
	long r = mq_receive(mq, text, sizeof(text), &prio);

	if (r >= 0)
		printf("prio %u text '%s' ", prio, text);
	return r;
}

static void posix(void)
{
	struct mq_attr a = { .mq_maxmsg = 3, .mq_msgsize = 16 },
		       set = { .mq_flags = O_NONBLOCK };
	struct timespec t, past = { 1, 0 }, wrong = { 1, 1000000000 };
	char name[300], text[32];
	mqd_t q, r, w;

	memset(name, 'n', sizeof(name));
	name[0] = '/';
	name[256] = '\0';
	SHOW(syscall(SYS_mq_open, "", O_RDWR | O_CREAT, 0600, NULL));
	SHOW(syscall(SYS_mq_open, "a/b", O_RDWR | O_CREAT, 0600, NULL));
	SHOW(syscall(SYS_mq_open, ".", O_RDWR | O_CREAT, 0600, NULL));
	SHOW(syscall(SYS_mq_open, "..", O_RDWR | O_CREAT, 0600, NULL));
	SHOW(syscall(SYS_mq_open, bad(), O_RDWR | O_CREAT, 0600, NULL));
	SHOW(syscall(SYS_mq_open, "x", O_RDWR, 0600, bad()));
	SHOW(syscall(SYS_mq_unlink, "a/b"));
	SHOW(syscall(SYS_mq_unlink, ""));
	SHOW(mq_open(name, O_RDWR | O_CREAT, 0600, NULL) >= 0);
	SHOW(mq_unlink(name));
	name[256] = 'n';
	name[257] = '\0';
	SHOW(mq_open(name, O_RDWR | O_CREAT, 0600, NULL));
	SHOW(mq_open("/q", O_RDWR));
	SHOW(mq_unlink("/q"));
	a.mq_maxmsg = 0;
	SHOW(mq_open("/q", O_RDWR | O_CREAT, 0600, &a));
	a.mq_maxmsg = 70000;
	SHOW(mq_open("/q", O_RDWR | O_CREAT, 0600, &a));
	a.mq_maxmsg = 3;
	a.mq_msgsize = 17 << 20;
	SHOW(mq_open("/q", O_RDWR | O_CREAT, 0600, &a));
	a.mq_msgsize = 16;
	SHOW((q = mq_open("/q", O_RDWR | O_CREAT | O_EXCL, 0600, &a)) >= 0);
	SHOW(mq_open("/q", O_RDWR | O_CREAT | O_EXCL, 0600, &a));
	SHOW(mq_open("/q", 3));
	SHOW((r = mq_open("/q", O_RDONLY | O_NONBLOCK)) >= 0);
	SHOW((w = mq_open("/q", O_WRONLY | O_CREAT, 0, NULL)) >= 0);
	SHOW(fcntl(q, F_GETFD));
	SHOW(fcntl(r, F_GETFL) & O_NONBLOCK);
	show_attr(__LINE__, q);
	show_attr(__LINE__, r);
	SHOW(get(r));
	SHOW(get(w));
	SHOW(mq_send(r, "x", 1, 0));
	SHOW(mq_send(-1, "x", 1, 0));
	SHOW(mq_send(0, "x", 1, 0));
	SHOW(mq_send(w, "12345678901234567", 17, 0));
	SHOW(mq_send(w, "x", 1, 32768));
	SHOW(mq_send(w, bad(), 1, 0));
	SHOW(mq_receive(q, text, 15, NULL));
	SHOW(poll_of(q));
	SHOW(mq_send(w, "one", 4, 1));
	SHOW(poll_of(q));
	SHOW(poll_of(r));
	SHOW(mq_send(q, "five", 5, 5));
	SHOW(mq_send(q, "", 0, 1));
	SHOW(poll_of(q));
	show_attr(__LINE__, w);
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec /= 2;
	SHOW(mq_timedsend(w, "x", 1, 0, &t));
	SHOW(mq_timedsend(w, "x", 1, 0, &past));
	SHOW(mq_timedsend(w, "x", 1, 0, &wrong));
	SHOW(mq_setattr(w, &set, &a));
	SHOW(a.mq_flags);
	SHOW(mq_send(w, "x", 1, 0));
	set.mq_flags = 1;
	SHOW(mq_setattr(w, &set, NULL));
	SHOW(fcntl(r, F_SETFL, 0));
	show_attr(__LINE__, r);
	SHOW(get(r));
	SHOW(poll_of(q));
	SHOW(get(r));
	SHOW(get(q));
	SHOW(poll_of(q));
	SHOW(mq_timedreceive(q, text, sizeof(text), NULL, &past));
	SHOW(mq_timedreceive(q, text, sizeof(text), NULL, &wrong));
	SHOW(syscall(SYS_mq_timedreceive, q, text, 32, NULL, bad()));
	SHOW(mq_send(q, "lost", 4, 0));
	SHOW(mq_receive(q, bad(), 100, NULL));
	show_attr(__LINE__, q);
	SHOW(mq_getattr(0, &a));
	SHOW(mq_unlink("/q"));
	SHOW(mq_unlink("/q"));
	SHOW(mq_open("/q", O_RDWR));
	SHOW(mq_send(q, "still", 6, 2));
	SHOW(get(r));
	SHOW(mq_close(q));
	SHOW(mq_close(q));
	SHOW(mq_close(r));
	SHOW(mq_close(w));
	SHOW((q = mq_open("/q", O_RDWR | O_CREAT, 0600, NULL)) >= 0);
	show_attr(__LINE__, q);
	SHOW(mq_unlink("/q"));
	SHOW(close(q));
}

static void posix_permissions(void)
{
	static const int ids[][2] = { { 1000, 1000 }, { 1001, 1000 }, { 1002, 1002 } };
	struct mq_attr a = { .mq_maxmsg = 11, .mq_msgsize = 16 };

	umask(0);
	for (int mode = 0; mode <= 0666; mode += 0222) {
		for (int i = 0; i < 3; i++) {
			fflush(stdout);
			if (fork() == 0) {
				become(1000, 1000);
				SHOW(mq_open("/perm", O_RDWR | O_CREAT | O_EXCL, mode,
					     NULL) >= 0);
				exit(0);
			}
			wait(NULL);
			if (fork() == 0) {
				become(ids[i][0], ids[i][1]);
				SHOW(mq_open("/perm", O_RDONLY) >= 0 ? 0 : -1);
				SHOW(mq_open("/perm", O_WRONLY) >= 0 ? 0 : -1);
				SHOW(mq_open("/perm", O_RDWR) >= 0 ? 0 : -1);
				SHOW(mq_open("/big", O_RDWR | O_CREAT, 0600, &a));
				if (i)
					SHOW(mq_unlink("/perm"));
				exit(0);
			}
			wait(NULL);
			SHOW(mq_unlink("/perm"));
		}
	}
	umask(027);
	SHOW(mq_open("/masked", O_RDWR | O_CREAT, 0666, NULL) >= 0);
	if (fork() == 0) {
		become(1000, 0);
		SHOW(mq_open("/masked", O_RDONLY) >= 0 ? 0 : -1);
		SHOW(mq_open("/masked", O_WRONLY) >= 0 ? 0 : -1);
		exit(0);
	}
	wait(NULL);
	SHOW(mq_unlink("/masked"));
}

static void posix_blocking(void)
{
	struct mq_attr a = { .mq_maxmsg = 1, .mq_msgsize = 8192 };
	struct epoll_event ev = { .events = EPOLLIN };
	mqd_t q = mq_open("/block", O_RDWR | O_CREAT, 0600, &a);
	int ep = epoll_create1(0);
	struct pollfd p = { .fd = (int)q, .events = POLLIN };
	pid_t pid;

	SHOW(poll_of(q));
	pid = CHILD(get(q) - 3);
	pause_ms(200);
	SHOW(mq_send(q, "abc", 3, 4));
	SHOW(ended(pid));
	SHOW(poll_of(q));
	SHOW(mq_send(q, "abc", 3, 4));
	SHOW(poll_of(q));
	pid = CHILD(mq_send(q, "later", 6, 9));
	pause_ms(200);
	SHOW(get(q));
	SHOW(ended(pid));
	SHOW(get(q));
	pid = CHILD((pause_ms(200), mq_send(q, "poll", 5, 9)));
	SHOW(poll(&p, 1, 5000));
	SHOW(p.revents);
	SHOW(ended(pid));
	SHOW(get(q));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, (int)q, &ev));
	SHOW(epoll_wait(ep, &ev, 1, 0));
	pid = CHILD((pause_ms(200), mq_send(q, "epoll", 6, 9)));
	SHOW(epoll_wait(ep, &ev, 1, 5000));
	SHOW(ended(pid));
	p.events = POLLOUT;
	pid = CHILD((pause_ms(200), get(q)));
	SHOW(poll(&p, 1, 5000));
	SHOW(p.revents);
	SHOW(ended(pid));
	SHOW(mq_unlink("/block"));
}

static siginfo_t notified;

static void on_notify(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	notified = *info;
	handled++;
}

static void notify(void)
{
	struct sigaction sa = { .sa_sigaction = on_notify, .sa_flags = SA_SIGINFO };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGUSR1,
			       .sigev_value.sival_int = 4711 };
	mqd_t q = mq_open("/notify", O_RDWR | O_CREAT, 0600, NULL);
	pid_t pid;

	handled = 0;
	sigaction(SIGUSR1, &sa, NULL);
	SHOW(mq_notify(q, NULL));
	SHOW(mq_notify(q, &ev));
	SHOW(mq_notify(q, &ev));
	SHOW(ended(CHILD(mq_notify(q, &ev))) >> 8 == EBUSY);
	SHOW(ended(CHILD(mq_notify(q, NULL))));
	SHOW(mq_send(q, "one", 4, 0));
	pause_ms(100);
	SHOW(handled);
	SHOW(notified.si_value.sival_int);
	SHOW(notified.si_code == SI_MESGQ);
	SHOW(notified.si_uid);
	SHOW(mq_notify(q, &ev));
	SHOW(mq_send(q, "two", 4, 0));
	SHOW(get(q));
	SHOW(get(q));
	SHOW(handled);
	/* Who waits for a message gets it without a notification. */
	pid = CHILD(get(q));
	pause_ms(200);
	SHOW(mq_send(q, "x", 1, 0));
	SHOW(ended(pid) & 0xff);
	SHOW(handled);
	SHOW(mq_notify(q, NULL));
	SHOW(mq_send(q, "x", 1, 0));
	SHOW(get(q));
	SHOW(handled);
	SHOW(ended(CHILD(mq_notify(q, &ev))));
	ev.sigev_notify = SIGEV_NONE;
	SHOW(mq_notify(q, &ev));
	SHOW(mq_send(q, "x", 1, 0));
	SHOW(mq_notify(q, &ev));
	ev.sigev_notify = 77;
	SHOW(mq_notify(q, &ev));
	ev.sigev_notify = SIGEV_SIGNAL;
	ev.sigev_signo = 65;
	SHOW(mq_notify(q, &ev));
	SHOW(syscall(SYS_mq_notify, q, bad()));
	SHOW(syscall(SYS_mq_notify, 0, NULL));
	SHOW(mq_unlink("/notify"));
}

/* What is there to be read, as a number: the first and the last byte of a cookie. */
static long cookie(int fd)
{
	unsigned char buf[64] = "";
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	return n < 0 ? n : n * 1000000 + buf[0] * 1000 + buf[31];
}

/* What libc makes SIGEV_THREAD of. */
static void notify_thread(void)
{
	char text[32] = "cookie";
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD,
			       .sigev_value.sival_ptr = text };
	mqd_t q = mq_open("/thread", O_RDWR | O_CREAT, 0600, NULL);
	int nl = ev.sigev_signo = socket(AF_NETLINK, SOCK_RAW, 0), p[2];

	pipe(p);
	SHOW(syscall(SYS_mq_notify, q, &ev));
	SHOW(syscall(SYS_mq_notify, q, &ev));
	SHOW(cookie(nl));
	SHOW(mq_send(q, "one", 3, 0));
	SHOW(cookie(nl));
	SHOW(cookie(nl));
	SHOW(mq_send(q, "two", 3, 0));
	SHOW(syscall(SYS_mq_notify, q, &ev));
	SHOW(get(q));
	SHOW(get(q));
	SHOW(cookie(nl));
	SHOW(syscall(SYS_mq_notify, q, NULL));
	SHOW(cookie(nl));
	SHOW(syscall(SYS_mq_notify, q, &ev));
	SHOW(mq_close(q));
	q = mq_open("/thread", O_RDWR);
	SHOW(cookie(nl));
	ev.sigev_signo = p[0];
	SHOW(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_signo = socket(AF_INET, SOCK_DGRAM, 0);
	SHOW(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_signo = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	SHOW(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_signo = open("/", O_PATH);
	SHOW(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_signo = 999;
	SHOW(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_value.sival_ptr = bad();
	SHOW(syscall(SYS_mq_notify, q, &ev));
	SHOW(syscall(SYS_mq_notify, 0, &ev));
	ev.sigev_value.sival_ptr = text;
	SHOW(syscall(SYS_mq_notify, 0, &ev));
	ev.sigev_signo = nl;
	SHOW(syscall(SYS_mq_notify, 0, &ev));
	/* Its reader gone, a message is nobody's. */
	SHOW(syscall(SYS_mq_notify, q, &ev));
	SHOW(close(nl));
	SHOW(mq_send(q, "one", 3, 0));
	SHOW(get(q));
	SHOW(mq_unlink("/thread"));
}

/* RLIMIT_MSGQUEUE counts what queues may hold, until the last descriptor is closed. */
static void limits(void)
{
	struct rlimit lim = { 819200, 819200 };
	mqd_t q[20];
	char name[16];
	int n = 0;

	setrlimit(RLIMIT_MSGQUEUE, &lim);
	become(1234, 1234);
	for (int round = 0; round < 2; round++) {
		for (n = 0; n < 20; n++) {
			snprintf(name, sizeof(name), "/limit%d", n);
			q[n] = mq_open(name, O_RDWR | O_CREAT, 0600, NULL);
			if (q[n] < 0)
				break;
		}
		show(__LINE__, name, -1);
		SHOW(n);
		while (n-- > 0) {
			snprintf(name, sizeof(name), "/limit%d", n);
			mq_unlink(name);
			mq_close(q[n]);
		}
	}
}

#define CROWD 100

/* A hundred wait; each message, each unit reaches exactly one. */
static void crowd(void)
{
	int q = msgget(IPC_PRIVATE, 0600), s = semget(IPC_PRIVATE, 1, 0600);
	int waiting, good = 0;
	long begin;

	for (int i = 0; i < CROWD; i++)
		CHILD(op1(s, 0, -1, 0) || rcv(q, 100, i + 1, 0) != 3 ? (errno = 1, -1) :
								       0);
	for (int i = 0; i < 1000 && (waiting = semctl(s, 0, GETNCNT)) != CROWD; i++)
		pause_ms(10);
	SHOW(waiting);
	SHOW(op1(s, 0, CROWD, 0));
	SHOW(semctl(s, 0, GETVAL));
	begin = now_ms();
	for (int i = CROWD; i > 0; i--)
		snd(q, i, 3, 0);
	for (int i = 0; i < CROWD; i++) {
		int st = -1;

		wait(&st);
		good += st == 0;
	}
	SHOW(good);
	SHOW(now_ms() - begin < 20000);
	SHOW(semctl(s, 0, IPC_RMID));
	SHOW(msgctl(q, IPC_RMID, NULL));
}

static const struct probe {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "messages", messages },
	{ "numbers", numbers },
	{ "semaphores", semaphores },
	{ "undo", undo },
	{ "blocking", blocking },
	{ "signals", signals },
	{ "permissions", permissions },
	{ "posix", posix },
	{ "posix-permissions", posix_permissions },
	{ "posix-blocking", posix_blocking },
	{ "notify", notify },
	{ "notify-thread", notify_thread },
	{ "limits", limits },
	{ "crowd", crowd },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		if (argc != 2 || strcmp(argv[1], groups[i].name))
			continue;
		printf("== %s\n", groups[i].name);
		fflush(stdout);
		groups[i].run();
		printf("== %s: end\n", groups[i].name);
		return 0;
	}
	return 2;
}
