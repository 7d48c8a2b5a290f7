"""
The security checklist (reliability.md, section 6), row by row: our rule, and what holds it.

Where product.md says something else than the checklist, product.md wins, and the rule
says so. A test checks that each test that is named here exists.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One row of the checklist."""

    id: str
    risk: str
    rule: str
    tests: tuple[str, ...]


CORPUS = "tests/hostile/test_corpus.py::test_all_hostile_input_is_taken_or_refused_in_words"
CANARIES = "tests/hostile/test_canaries.py::test_ruling_18_no_channel_gives_the_secret_away"
HERE = "tests/hostile/test_rows.py"
YAML = "tests/unit/config/test_yaml.py"

ROWS = (
    Row(
        "S01",
        "YAML bomb",
        "8 MiB a file, 16 MiB and 250,000 values a configuration, 32 levels, 64 aliases that count "
        "as written out, 64 Ki characters a value; whatever is wrong takes 5 s and 256 MiB to say",
        (
            f"{YAML}::test_a_hostile_file_is_given_up",
            f"{YAML}::test_a_limit_itself_is_allowed",
            f"{HERE}::test_s01_a_configuration_with_sixty_thousand_mistakes_is_cheap",
            f"{HERE}::test_s01_the_number_of_values_is_limited_over_all_files",
            CORPUS,
        ),
    ),
    Row(
        "S02",
        "YAML tags and includes",
        "no tags, no merge keys, one document; `include` stays below the folder, links too",
        (
            f"{YAML}::test_what_can_be_misread_is_refused",
            "tests/unit/config/test_load.py::test_only_patterns_below_the_folder_are_handed_out",
            f"{HERE}::test_s02_an_include_that_is_no_name_is_refused_in_words",
        ),
    ),
    Row(
        "S03",
        "Repeated keys",
        "an error with both lines in YAML, an error in JSON",
        (
            f"{YAML}::test_a_repeated_key_names_both_lines",
            "tests/unit/live/test_strict_json.py::test_what_means_two_things_is_refused",
        ),
    ),
    Row(
        "S04",
        "YAML 1.1 typing",
        "what YAML 1.1 would guess is the text that stands there",
        (
            f"{YAML}::test_ruling_1_no_value_is_guessed",
            "tests/unit/source/test_yaml_file.py::test_every_scalar_is_the_text_that_is_written",
        ),
    ),
    Row(
        "S05",
        "Lax coercion",
        "strict, closed models; a word that is neither true nor false is an error",
        (
            "tests/unit/source/test_people.py::test_ruling_3_any_other_word_is_an_error_with_the_line",
            f"{HERE}::test_s05_every_model_of_a_file_is_strict_and_closed",
        ),
    ),
    Row(
        "S06",
        "JSON limits",
        "64 levels, no NaN, no half surrogates; numbers that readers differ on stay text, because "
        "they stand in attributes that nobody manages",
        (
            "tests/unit/live/test_strict_json.py::test_what_means_two_things_is_refused",
            "tests/contract/test_reads.py::test_numbers_that_nobody_manages_do_not_stop_a_read",
            f"{HERE}::test_s06_a_group_of_no_sensible_shape_ends_no_plan",
            CORPUS,
        ),
    ),
    Row(
        "S07",
        "Decompression bomb",
        "`Accept-Encoding: identity`; one layer of gzip or deflate, unpacked by us up to 16 MiB, "
        "8 MiB on the wire",
        (
            "tests/unit/live/test_answer.py::test_s07_reading_stops_at_the_limit_of_the_wire",
            "tests/unit/live/test_answer.py::test_s07_unpacking_stops_at_its_limit",
            "tests/unit/live/test_answer.py::test_a_body_that_is_packed_otherwise_is_refused",
            CORPUS,
        ),
    ),
    Row(
        "S08",
        "Redirects",
        "none is followed; any 3xx is an error",
        (
            "tests/e2e/test_bad_input.py::test_a_redirect_is_not_followed",
            "tests/contract/test_authentication.py::test_f11_a_redirect_of_the_endpoint_is_not_followed",
        ),
    ),
    Row(
        "S09",
        "SSRF",
        "product.md wins: https to any address that the reviewed file names, http to loopback; "
        "`--policy` pins it. No URL that a service says is ever asked",
        (
            f"{HERE}::test_s09_no_address_that_a_service_names_is_asked",
            "tests/unit/config/test_policy.py::test_ruling_17_another_target_is_refused_before_any_request",
            "tests/e2e/test_stale.py::test_ruling_17_a_doctored_plan_cannot_send_our_token_elsewhere",
        ),
    ),
    Row(
        "S10",
        "Proxies and certificates of the environment",
        "neither is used; TLS 1.2 at least, and no way to switch the check off",
        (
            "tests/contract/test_reads.py::test_the_environment_cannot_lead_requests_elsewhere",
            "tests/contract/test_roads.py::test_without_a_proxy_in_the_file_none_of_the_environment_is_used",
            "tests/contract/test_roads.py::test_what_is_older_than_tls_1_2_is_refused",
        ),
    ),
    Row(
        "S11",
        "Ids in paths",
        "printable ASCII without `/?#%\\`, not `.` or `..`, when read and when sent; a path that "
        "the HTTP client would tidy up is not sent",
        (
            "tests/unit/live/test_ids.py::test_s11_an_id_that_cannot",
            "tests/contract/test_reads.py::test_s11_the_transport_itself_sends_no_path_that_would_be_tidied_up",
            CORPUS,
        ),
    ),
    Row(
        "S12",
        "Filters",
        "values go in as JSON; what comes back is looked at again",
        (
            "tests/unit/scim/test_filters.py::test_a_filter_holds_its_value_as_json",
            f"{HERE}::test_s12_no_value_leaves_its_filter",
        ),
    ),
    Row(
        "S13",
        "Headers",
        "a token has the characters of RFC 6750, a password no control character; a version "
        "only printable ASCII",
        (
            "tests/unit/live/test_auth.py::test_s13_what_is_no_token_is_refused_without_showing_it",
            "tests/unit/live/test_auth.py::test_what_is_no_password_is_refused_without_showing_it",
        ),
    ),
    Row(
        "S14",
        "Patterns",
        "RE2, 512 characters, 65,536 instructions; expressions pay for what they read",
        (
            "tests/unit/config/test_patterns.py::test_an_explosive_pattern_is_harmless",
            "tests/unit/config/test_patterns.py::test_what_cannot_be_used_is_said_with_its_column",
            "tests/unit/expr/test_effort.py::test_a_pattern_that_looks_through_the_rest_after_each_match_is_stopped",
            CORPUS,
        ),
    ),
    Row(
        "S15",
        "Templates",
        "Jinja for packaged templates alone; mappings have a language of their own, bounded",
        (
            f"{HERE}::test_s15_s16_nothing_dangerous_is_called",
            f"{HERE}::test_s15_templates_come_from_the_package_alone",
            CORPUS,
        ),
    ),
    Row(
        "S16",
        "deepdiff, pickle",
        "`DeepDiff` on bounded values; no Delta, no pickle, no eval",
        (
            f"{HERE}::test_s15_s16_nothing_dangerous_is_called",
            "tests/unit/render/test_values.py::test_s16_a_value_too_large_to_word_is_cut_instead",
        ),
    ),
    Row(
        "S17",
        "Secrets in what is written",
        "by reference only; every spelling is taken out of a service's words; httpx and httpcore "
        "log nothing below WARNING; no core dumps",
        (CANARIES, f"{HERE}::test_s31_no_core_is_left"),
    ),
    Row(
        "S18",
        "Scope of the token",
        "one credential per configuration and environment; pull requests plan with one that reads",
        (
            "tests/e2e/test_templates.py::test_s24_secrets_are_seen_by_the_steps_that_need_them_alone",
        ),
    ),
    Row(
        "S19",
        "Names and links in the store",
        "names from checked parts; no symbolic link is followed; 0600 and 0700. Hard links are "
        "read: git carries none, backups are made of them, and digests and chains judge the bytes",
        (
            "tests/unit/store/test_folder.py::test_no_name_leads_out_of_the_store",
            "tests/unit/store/test_folder.py::test_a_folder_that_is_a_link_is_refused",
            "tests/unit/store/test_folder.py::test_a_link_is_not_read",
            "tests/unit/store/test_folder.py::test_a_copy_does_not_follow_a_link",
            f"{HERE}::test_s19_what_a_run_leaves_is_its_owners_alone",
            CORPUS,
        ),
    ),
    Row(
        "S20",
        "CSV",
        "formulas get an apostrophe, everything is quoted, control characters are spelled out",
        ("tests/unit/render/test_history.py::test_s20_no_cell_is_a_formula", CORPUS),
    ),
    Row(
        "S21",
        "HTML",
        "no form of this version is HTML; the page of a comment is markdown (S22)",
        (f"{HERE}::test_s21_no_form_is_html_yet",),
    ),
    Row(
        "S22",
        "Markdown",
        "values stand in code spans that they cannot end; at most 60,000 characters",
        (
            "tests/unit/render/test_markdown.py::test_s22_no_value_changes_the_structure_of_a_comment",
            "tests/unit/render/test_markdown.py::test_s22_what_means_something_stands_in_code_spans_alone",
            "tests/unit/render/test_markdown.py::test_s22_a_comment_fits_and_says_what_it_leaves_out",
            CORPUS,
        ),
    ),
    Row(
        "S23",
        "Terminals and logs",
        "control, bidirectional and invisible characters are spelled out; so is what a runner of "
        "pipelines would carry out, in JSON too",
        (
            "tests/unit/render/test_text.py::test_s23_no_value_drives_the_terminal_or_the_pipeline",
            f"{HERE}::test_s23_a_line_is_no_command_of_a_pipeline",
            f"{HERE}::test_s23_json_is_inert_and_means_the_same",
            CORPUS,
        ),
    ),
    Row(
        "S24",
        "Pipelines",
        "pull requests never run with the rights of the base branch; actions are pinned",
        (
            "tests/e2e/test_templates.py::test_s24_pull_requests_never_run_with_the_rights_of_the_base_branch",
            "tests/e2e/test_templates.py::test_s24_actions_are_pinned_by_commit",
            "tests/e2e/test_templates.py::test_s24_jobs_begin_without_any_permission",
            "tests/e2e/test_templates.py::test_s24_nothing_from_outside_is_pasted_into_a_script",
        ),
    ),
    Row(
        "S25",
        "From plan to apply",
        "product.md wins: each operation is held against its account; the whole plan by age, "
        "target, capabilities, and what decides in the configuration",
        (
            "tests/e2e/test_stale.py::test_a_plan_that_other_rules_decided_is_refused_and_nothing_sent",
            "tests/e2e/test_stale.py::test_what_does_not_decide_may_change",
        ),
    ),
    Row(
        "S26",
        "Look-alikes",
        "matched by letters; what looks like another name is neither matched nor created",
        (
            "tests/unit/diff/test_resemblance.py::test_s26_who_looks_like_an_account_is_not_matched_nor_created",
            f"{HERE}::test_s26_there_are_three_hundred_pairs_and_each_comes_to_what_it_says",
        ),
    ),
    Row(
        "S27",
        "The Turkish i",
        "folding knows no locale; all its kinds look alike and are not the same",
        (f"{HERE}::test_s26_there_are_three_hundred_pairs_and_each_comes_to_what_it_says",),
    ),
    Row(
        "S28",
        "Domains",
        "IDNA 2008, strict, compared in ASCII; sub-domains do not count",
        (
            "tests/unit/config/test_domains.py::test_what_is_no_domain_of_idna_2008_is_refused",
            "tests/unit/scope/test_domains.py::test_any_other_user_name_is_refused",
            "tests/unit/scope/test_domains.py::test_sharp_s_is_not_double_s",
        ),
    ),
    Row(
        "S29",
        "Sizes",
        "docs/limits.md: pages, resources, members, requests, waits and files are bounded",
        (
            "tests/unit/store/test_folder.py::test_a_file_is_read_up_to_its_limit_and_not_beyond",
            "tests/unit/source/test_files.py::test_a_file_of_any_size_is_not_read",
            f"{HERE}::test_s29_a_number_beyond_its_bounds_is_refused",
        ),
    ),
    Row(
        "S30",
        "Dependencies",
        "exact versions in requirements.lock; templates install with hashes",
        ("tests/e2e/test_templates.py::test_the_program_is_installed_isolated_and_pinned",),
    ),
    Row(
        "S31",
        "The process",
        "the command imports nothing from the folder it is started in; no core dumps",
        (
            f"{HERE}::test_s31_nothing_is_imported_from_the_folder_of_a_pull_request",
            f"{HERE}::test_s31_no_core_is_left",
        ),
    ),
    Row(
        "S32",
        "Too much to read",
        "summary and guards come first and always stay; order is stable; what is cut is said",
        (
            "tests/unit/render/test_markdown.py::test_s22_a_comment_fits_and_says_what_it_leaves_out",
            "tests/unit/render/test_markdown.py::test_the_same_plan_gives_the_same_comment",
            "tests/unit/render/test_text.py::test_a_long_wave_is_shortened_and_does_not_hide_the_next_one",
        ),
    ),
)
