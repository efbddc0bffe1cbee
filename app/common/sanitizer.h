/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sanitizer.h - the sanitizer that a file is compiled with: gcc has macros for it, clang features.
 */
#ifndef SANITIZER_H
#define SANITIZER_H

#ifndef __has_feature
#define __has_feature(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZER_ADDRESS 1
#else
#define SANITIZER_ADDRESS 0
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define SANITIZER_THREAD 1
#else
#define SANITIZER_THREAD 0
#endif

#endif
