/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smmrun: starts one QEMU per test and turns its serial log into a verdict. */
#include <stdio.h>
#include <stdlib.h>

#include "tools/smmrun/byhand.h"
#include "tools/smmrun/compare.h"
#include "tools/smmrun/forkserver.h"
#include "tools/smmrun/known.h"
#include "tools/smmrun/list.h"
#include "tools/smmrun/matrix.h"
#include "tools/smmrun/merge.h"
#include "tools/smmrun/outfile.h"
#include "tools/smmrun/results.h"
#include "tools/smmrun/run.h"
#include "tools/smmrun/select.h"
#include "tools/smmrun/signals.h"
#include "tools/smmrun/spawn.h"

/* Prints the sentence, if there is one, and frees it; true if there was none. */
static bool fine(char *error)
{
    if (error)
        fprintf(stderr, "smmrun: %s\n", error);
    free(error);
    return !error;
}

static bool files_are_writable(const struct options *o)
{
    return (!o->json || fine(outfile_check(o->json))) &&
           (!o->junit || fine(outfile_check(o->junit))) &&
           (!o->html || fine(outfile_check(o->html)));
}

static bool write_file(const char *path, char *text)
{
    bool ok = fine(outfile_write(path, text));

    free(text);
    return ok;
}

/* The reports after a run. Returns status, or that of a report which could not be written. */
static int write_reports(json_t *results, const struct options *o, int status)
{
    bool ok = true;
    char *text;

    if (o->json)
        ok = write_file(o->json, results_text(results));
    if (o->junit)
        ok = write_file(o->junit, report_junit(results)) && ok;
    if (o->html)
        ok = write_file(o->html, report_html(results)) && ok;
    if (o->matrix) {
        text = o->compare ? compare_text(results)
                          : matrix_text(results, o->all, report_in_colour());
        fputs(text, stdout);
        free(text);
    }
    return !ok && status == EXIT_OK ? EXIT_INFRASTRUCTURE : status;
}

static int run(struct plan *p, const struct options *o)
{
    struct report report;
    int status, signal;
    json_t *results;

    report_begin(&report, p, o);
    signal = run_plan(p, o, &report, 0);
    report_end(&report, signal);
    results = results_of(p, o);
    status = signal ? 128 + signal : run_status(p, o);
    if (o->compare && !signal) {
        compare_add(results);
        status = compare_status(results);
    }
    /* Half a result would pass for a whole one. */
    if (!signal)
        status = write_reports(results, o, status);
    if (!o->compare || signal)
        report_counts(stdout, results);
    json_decref(results);
    return status;
}

/* Results of other runs instead of a run. */
static int merge(const struct options *o)
{
    json_t *results;
    struct tally tally;
    int status;

    if (!files_are_writable(o) || !fine(merge_files(&o->globs, &results)))
        return EXIT_USAGE;
    tally = results_tally(results, NULL);
    status = exit_status(tally.n, false);
    if (status != EXIT_FAILED && results_incomplete(results))
        status = EXIT_INFRASTRUCTURE;
    status = write_reports(results, o, status);
    report_counts(stdout, results);
    json_decref(results);
    return status;
}

/* The one test of --print-command and --gdb takes the place of the globs. */
static int choose_one(struct options *o, const struct plan *p, const char *id)
{
    struct records *sets = plan_records(p);
    bool known = false;
    int status = EXIT_OK;

    for (size_t i = 0; i < p->kernels; i++)
        known |= records_find(&sets[i], id) != NULL;
    if (!known) {
        fine(select_unknown("no test is called", id, sets, p->kernels));
        status = EXIT_USAGE;
    }
    free(sets);
    strings_free(&o->globs);
    strings_free(&o->groups);
    strings_add(&o->globs, id);
    o->repeat = 1;
    return status;
}

/* The known issues, and that each of them is about a test of ours. */
static bool read_known(struct plan *p, const struct options *o, struct known *known)
{
    struct records *sets;
    bool good;

    if (!o->known)
        return true;
    if (!fine(known_read(known, o->known)))
        return false;
    p->known = known;
    sets = plan_records(p);
    good = fine(known_check(known, sets, p->kernels));
    free(sets);
    return good;
}

static int carry_out(struct plan *p, struct options *o, struct known *known)
{
    const char *one = o->gdb ? o->gdb : o->print_command;
    char *why;
    int status;

    if (o->merge)
        return merge(o);
    if ((status = plan_kernels(p, o)))
        return status;
    if (o->list)
        return list_tests(p, o);
    if (one && (status = choose_one(o, p, one)))
        return status;
    if (!files_are_writable(o) || !read_known(p, o, known))
        return EXIT_USAGE;
    if (o->fork_server && (why = forkserver_init()))
        plan_note(p, why);
    if (!(status = plan_check(p, o)) && !(status = plan_configs(p, o)))
        status = plan_jobs(p, o);
    if (status)
        return status;
    if (o->print_command)
        return byhand_print(p, o);
    return o->gdb ? byhand_gdb(p, o) : run(p, o);
}

int main(int argc, char **argv)
{
    struct plan plan = {0};
    struct options options;
    struct known known = {0};
    int status;

    spawn_init();
    signals_init();
    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_RUN:
        status = carry_out(&plan, &options, &known);
        break;
    case OPTIONS_DONE:
        status = EXIT_OK;
        break;
    default:
        status = EXIT_USAGE;
        break;
    }
    /* Every question that was cut short ends here too. */
    if (signals_check())
        status = 128 + signals_check();
    else if (options.bisect && status != EXIT_OK && status != EXIT_FAILED)
        status = EXIT_BISECT_SKIP;
    forkserver_stop();
    plan_free(&plan);
    known_free(&known);
    options_free(&options);
    if (fflush(stdout) != 0 && status == EXIT_OK)
        status = EXIT_INFRASTRUCTURE;
    return status;
}
