/* SPDX-License-Identifier: MIT */
/*
 * The conversation of `tracer --predict`: a question before each experiment, a verdict on the
 * reader's answer after it, the score at the end. The questions come from the OBSERVATIONS.md beside
 * the tracer (quiz.h), the answers from standard input, the truth from the run. For check.c alone,
 * which runs the experiments; unless predict_begin() was called, nothing here does anything.
 *
 * The reader's interruptions (SIGINT, SIGTERM, SIGHUP, unless they are ignored) become readable on
 * predict_interrupts(), so that none can slip in between two looks.
 */
#ifndef COMMON_PREDICT_H
#define COMMON_PREDICT_H

#include <stdbool.h>

#include "check.h"

/* Begin. From here on standard input is /dev/null, for the experiments, too. */
void predict_begin(const struct lab *lab, unsigned count);

/* Ask about an experiment. False when the reader has had enough: "q", or no more answers. */
bool predict_ask(const struct experiment *experiment);

/* An expectation of the experiment, whichever of its processes stated it, saw a value. */
void predict_saw(const char *message, const char *seen);

/* Judge the answer by what was seen in a run that was not `skipped`, and perhaps `refuted`. */
void predict_tell(bool skipped, bool refuted);

/* Print the score, and what to read again. */
void predict_end(void);

/* Readable when the reader interrupts; -1 where nobody predicts. */
int predict_interrupts(void);

/* With nothing of an experiment alive: if the reader has interrupted, print the score and die of the
 * signal. */
void predict_heed(void);

#endif
