{#
    Fails at the start of a run, before any table is touched, when the raw input can not
    be read: nothing there, or a required column missing. Runs only when the staging
    models are among what is built. Returns nothing to execute.

    Example: on-run-start: "{{ check_raw_input() }}"
#}
{% macro check_raw_input() -%}
    {%- if execute and flags.WHICH in ('build', 'run')
        and 'model.user_segmentation.stg_event_deliveries' in selected_resources -%}
        {%- set events = user_segmentation.raw_column_names('events') -%}
        {%- set users = user_segmentation.raw_column_names('users') -%}
        {#- Files of users may be missing; a relation that is read has to be there. -#}
        {%- set required = [events] if user_segmentation._reads_raw_files()
            else [events, users] -%}
        {%- for raw in required if not raw.found -%}
            {%- do exceptions.raise_compiler_error(
                "Raw input: there is nothing at " ~ raw.place
                ~ ". Expected on DuckDB: events.parquet, events.csv or events.ndjson, "
                ~ "or a folder events/ of such files, in the folder that the variable "
                ~ "raw_path names. Make demo data with scripts/generate_events.py, or "
                ~ "load your own with scripts/load_csv.py."
            ) -%}
        {%- endfor -%}
        {%- for raw, table in [(events, 'events'), (users, 'users')] if raw.found -%}
            {%- set contract = user_segmentation.raw_contract(table) -%}
            {%- for column in contract
                if column.required and column.name not in raw.columns -%}
                {%- do exceptions.raise_compiler_error(
                    "Raw input: " ~ raw.place ~ " has no column " ~ column.name
                    ~ ", which is required. It has: "
                    ~ (raw.columns | join(', ') or 'no columns (an empty file?)')
                    ~ (". Files read: " ~ raw.files | join(', ') if raw.files)
                    ~ ". Rename a column in the data, or load the file with "
                    ~ "scripts/load_csv.py, which maps columns."
                ) -%}
            {%- endfor -%}
            {%- set known = contract | map(attribute='name') | list -%}
            {%- set unused = raw.columns | reject('in', known) | list -%}
            {%- if unused -%}
                {%- do exceptions.warn(
                    "Raw input: columns of " ~ raw.place ~ " that are not used: "
                    ~ unused | join(', ') ~ ". Known are " ~ known | join(', ') ~ "."
                ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if 'user_id' not in events.columns
            and 'anonymous_id' not in events.columns -%}
            {%- do exceptions.raise_compiler_error(
                "Raw input: " ~ events.place ~ " has neither user_id nor anonymous_id; "
                ~ "one of them is required. It has: "
                ~ events.columns | join(', ') ~ "."
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
