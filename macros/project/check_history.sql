{#
    Fails at the start of a run, before any table is touched, when a build could not
    add to what the warehouse holds, and says what to do: its tables are of a version of
    the project that built everything anew each time; raw rows were read in another way;
    raw files that were read are gone (variable `missing_files`). Returns nothing to
    execute.

    Example: on-run-start: "{{ check_history() }}"
#}
{% macro check_history() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- do user_segmentation._check_version_of_tables() -%}
        {%- if not flags.FULL_REFRESH
            and user_segmentation.settings_changed('loading') -%}
            {%- do exceptions.raise_compiler_error(
                "History: the builds before read raw rows in another way: the "
                ~ "variable time_zone or a model of deliveries (stg_event_deliveries, "
                ~ "stg_user_deliveries) has changed, and rows of both kinds do not go "
                ~ "together. Put it back, or read everything again with dbt build "
                ~ "--full-refresh. That restates the closed dates that are kept, and "
                ~ "membership_restatements lists what it changed."
            ) -%}
        {%- endif -%}
        {%- if 'model.user_segmentation.stg_event_deliveries' in selected_resources -%}
            {%- do user_segmentation._check_missing_files() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Tables of deliveries without withdrawn rows are none that a build can add to. #}
{% macro _check_version_of_tables() -%}
    {%- for name in ['stg_event_deliveries', 'stg_user_deliveries'] -%}
        {%- set relation = user_segmentation.earlier_state(name) -%}
        {%- if relation
            and 'is_withdrawn' not in adapter.get_columns_in_relation(relation)
                | map(attribute='name') | map('lower') | list -%}
            {%- do exceptions.raise_compiler_error(
                "History: " ~ relation ~ " was built by an earlier version of the "
                ~ "project, whose tables can not be added to (it has no column "
                ~ "is_withdrawn). Delete the warehouse, or drop the schemas of the "
                ~ "project, and build again from the raw data. Keep a copy of "
                ~ "segment_definitions if its earlier versions matter."
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro _check_missing_files() -%}
    {%- set choice = var('missing_files', 'error') -%}
    {%- if choice == 'error' or (choice == 'keep' and flags.FULL_REFRESH) -%}
        {%- set missing = user_segmentation.raw_file_changes('events').missing
            + user_segmentation.raw_file_changes('users').missing -%}
        {%- if missing -%}
            {%- set more = missing | length - 10 -%}
            {%- set keep = "or build with the variable missing_files: keep, and their "
                ~ "rows stay, or with missing_files: forget, and their rows go." -%}
            {%- if flags.FULL_REFRESH -%}
                {%- set keep = "or build with the variable missing_files: forget, and "
                    ~ "their rows go; a full refresh reads everything again and can't "
                    ~ "keep rows that are in no file." -%}
            {%- endif -%}
            {%- do exceptions.raise_compiler_error(
                "History: raw files that were read before are gone from "
                ~ user_segmentation._raw_path() ~ ": " ~ missing[:10] | join(', ')
                ~ (" and " ~ more ~ " more" if more > 0 else "")
                ~ ". Put them back, " ~ keep
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
