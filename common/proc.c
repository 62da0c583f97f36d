/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "proc.h"
#include "text.h"

static ssize_t read_file(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return -1;

	size_t length = 0;
	ssize_t got;

	while (length < size - 1 && (got = read(fd, buffer + length, size - 1 - length)) != 0) {
		if (got == -1 && errno != EINTR) {
			int error = errno;

			close(fd);
			errno = error;
			return -1;
		}
		if (got > 0)
			length += (size_t)got;
	}
	close(fd);
	buffer[length] = '\0';
	return (ssize_t)length;
}

ssize_t proc_read(pid_t pid, const char *file, char *buffer, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return read_file(path, buffer, size);
}

const char *status_field(const char *status, const char *field)
{
	size_t length = strlen(field);

	for (const char *line = status; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, field, length) == 0 && line[length] == ':') {
			line += length + 1;
			line += strspn(line, " \t");
			return text("%.*s", (int)strcspn(line, "\n"), line);
		}
	}
	return NULL;
}

const char *proc_status(pid_t pid, const char *field)
{
	char status[8192];

	if (proc_read(pid, "status", status, sizeof(status)) == -1)
		broken("read /proc/%d/status: %s", pid, errno_text(errno));

	const char *value = status_field(status, field);

	if (value == NULL)
		broken("/proc/%d/status has no field %s", pid, field);
	return value;
}

long proc_number(pid_t pid, const char *field)
{
	return strtol(proc_status(pid, field), NULL, 10);
}

uint64_t proc_mask(pid_t pid, const char *field)
{
	return strtoull(proc_status(pid, field), NULL, 16);
}

bool proc_capable(pid_t pid, int capability)
{
	return proc_mask(pid, "CapEff") >> capability & 1;
}

const char *mask_text(uint64_t mask)
{
	char names[1024] = "";
	size_t used = 0;

	for (int sig = 1; sig <= 64; sig++)
		if (mask & SIGNAL_BIT(sig))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
				used ? " " : "", signal_name(sig));
	return used ? text("%s", names) : "none";
}

char proc_state(pid_t pid)
{
	char stat[1024];

	if (proc_read(pid, "stat", stat, sizeof(stat)) <= 0)
		return 0;

	/* The name in parentheses may hold anything, a parenthesis included. */
	const char *end = strrchr(stat, ')');

	return (char)(end != NULL && end[1] == ' ' ? end[2] : 0);
}

long proc_syscall(pid_t pid)
{
	char line[256];

	if (proc_read(pid, "syscall", line, sizeof(line)) <= 0)
		return -3;
	return strncmp(line, "running", 7) == 0 ? -2 : strtol(line, NULL, 10);
}

void proc_wait_blocked(pid_t pid, long number)
{
	char state;

	waiting_for(text("pid %d to block in system call %ld", pid, number));
	while (((state = proc_state(pid)) != 'S' && state != 'D') || proc_syscall(pid) != number) {
		if (state == 0 || state == 'Z')
			broken("pid %d ended before it blocked in system call %ld", pid, number);
		sched_yield();
	}
	waiting_for(NULL);
}

void proc_wait_state(pid_t pid, const char *states)
{
	char state;

	waiting_for(text("pid %d to be in a state of \"%s\"", pid, states));
	while ((state = proc_state(pid)) == 0 || strchr(states, state) == NULL) {
		if (state == 0)
			broken("pid %d is gone, expected its state in \"%s\"", pid, states);
		sched_yield();
	}
	waiting_for(NULL);
}

ssize_t proc_list(const char *directory, pid_t *pids, size_t room)
{
	DIR *stream = opendir(text("/proc/%s", directory));
	struct dirent *entry;
	ssize_t count = 0;

	if (stream == NULL)
		return -1;
	while ((entry = readdir(stream)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if ((size_t)count < room)
			pids[count] = (pid_t)strtol(entry->d_name, NULL, 10);
		count++;
	}
	closedir(stream);
	return count;
}

bool proc_hides(void)
{
	pid_t withdrawn = fork_helper();
	int status;

	if (withdrawn == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(withdrawn, &status, WUNTRACED) != withdrawn || !WIFSTOPPED(status))
		broken("a process that withdraws did not stop");

	bool hides = proc_state(withdrawn) == 0;

	kill(withdrawn, SIGKILL);
	waitpid(withdrawn, &status, 0);
	return hides;
}

int proc_yama_scope(void)
{
	char scope[16];

	if (read_file("/proc/sys/kernel/yama/ptrace_scope", scope, sizeof(scope)) <= 0)
		return -1;
	return atoi(scope);
}
