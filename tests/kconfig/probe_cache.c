/* Remembers what the shell answered to `$(shell,…)`, so that C `conf` can be timed without the compilers it starts.
 *
 *     cc -O2 -shared -fPIC -o probe_cache.so probe_cache.c -ldl
 *     KIT_KCONFIG_PROBES=probes LD_PRELOAD=$PWD/probe_cache.so scripts/kconfig/conf --alldefconfig Kconfig
 *
 * conf runs each `$(shell,…)` with popen(command, "r"), one fread of 4096 bytes and pclose, and ignores the exit code.
 * This library stands in for popen and pclose: an answer in the file is given without starting a process; a command
 * that is not there is run, and its answer is appended. `kit kconfig conf` reads and extends the same file.
 *
 * The file: one answer a line, HEX(command) SPACE HEX(output), lower case; output is what the command wrote to its
 * standard output, untrimmed, no more than 4096 bytes. The first answer to a command counts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 4096

struct answer {
	struct answer *next;
	char *command;
	char *output;
	size_t length;
};

#define BUCKETS 4096
static struct answer *table[BUCKETS];
static const char *path;
static int loaded;
/* conf has at most one pipe open; its answer is handed out as a stream over memory. */
static FILE *current;

static struct answer **bucket(const char *command)
{
	unsigned int hash = 2166136261u;

	while (*command)
		hash = (hash ^ (unsigned char)*command++) * 16777619u;
	return &table[hash % BUCKETS];
}

static struct answer *find(const char *command)
{
	struct answer *answer;

	for (answer = *bucket(command); answer; answer = answer->next)
		if (!strcmp(answer->command, command))
			return answer;
	return NULL;
}

static struct answer *keep(char *command, char *output, size_t length)
{
	struct answer **head = bucket(command);
	struct answer *answer = malloc(sizeof(*answer));

	if (!answer)
		abort();
	answer->command = command;
	answer->output = output;
	answer->length = length;
	answer->next = *head;
	*head = answer;
	return answer;
}

static int digit(char c)
{
	return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static char *unhex(const char *hex, size_t digits)
{
	char *bytes = malloc(digits / 2 + 1);
	size_t i;

	if (!bytes)
		abort();
	for (i = 0; i < digits / 2; i++)
		bytes[i] = (char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	bytes[i] = 0;
	return bytes;
}

static void load(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	FILE *file;

	loaded = 1;
	path = getenv("KIT_KCONFIG_PROBES");
	if (!path || !(file = fopen(path, "r")))
		return;
	while ((length = getline(&line, &size, file)) > 0) {
		char *space = strchr(line, ' ');
		char *command;

		if (line[length - 1] == '\n')
			line[--length] = 0;
		if (!space)
			continue;
		command = unhex(line, space - line);
		if (find(command)) {
			free(command);
			continue;
		}
		length -= space + 1 - line;
		keep(command, unhex(space + 1, length), length / 2);
	}
	free(line);
	fclose(file);
}

static void put_hex(FILE *file, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		fprintf(file, "%02x", (unsigned char)bytes[i]);
}

static struct answer *run(const char *command)
{
	FILE *(*real_popen)(const char *, const char *) = dlsym(RTLD_NEXT, "popen");
	int (*real_pclose)(FILE *) = dlsym(RTLD_NEXT, "pclose");
	char *output = malloc(MOST + 1);
	FILE *pipe = real_popen(command, "r");
	FILE *file;
	size_t length;

	if (!output || !pipe)
		return NULL;
	length = fread(output, 1, MOST, pipe);
	output[length] = 0;
	real_pclose(pipe);
	if (path && (file = fopen(path, "a"))) {
		put_hex(file, command, strlen(command));
		fputc(' ', file);
		put_hex(file, output, length);
		fputc('\n', file);
		fclose(file);
	}
	return keep(strdup(command), output, length);
}

FILE *popen(const char *command, const char *mode)
{
	struct answer *answer;

	if (!loaded)
		load();
	if (mode[0] != 'r')
		abort();
	answer = find(command);
	if (!answer)
		answer = run(command);
	if (!answer)
		return NULL;
	/* A stream over no bytes at all is an error to some C libraries. */
	current = answer->length ? fmemopen(answer->output, answer->length, "r") : fopen("/dev/null", "r");
	return current;
}

int pclose(FILE *stream)
{
	if (stream != current)
		abort();
	current = NULL;
	return fclose(stream);
}
