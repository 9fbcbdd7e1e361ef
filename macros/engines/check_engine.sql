{#
    Fails at the start of a run where the engine is not set up as the project needs it,
    and says what to do: on Spark in another time zone than UTC, in which timestamps
    would fall on other days, on PostgreSQL in a database with another order of texts.
    Returns nothing to execute.

    Example: on-run-start: "{{ check_engine() }}"
#}
{% macro check_engine() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'test') -%}
        {%- do adapter.dispatch('check_engine', 'user_segmentation')() -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__check_engine() -%}
{%- endmacro %}

{% macro spark__check_engine() -%}
    {%- set zone = run_query('select current_timezone()').rows[0][0] -%}
    {%- if zone not in ('UTC', 'Etc/UTC', 'Z') -%}
        {%- do exceptions.raise_compiler_error(
            "Engine: the time zone of the session is " ~ zone ~ "; it has to be UTC. "
            ~ "Set spark.sql.session.timeZone: UTC under server_side_parameters in "
            ~ "the profile."
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#
    Ranks, ties and limits by text hang on the order of texts, which is that of the
    database; names are compared in lower case, so it has to know more than ASCII.
#}
{% macro postgres__check_engine() -%}
    {%- set found = run_query(
        "select 'B' < 'a' and 'z' < chr(233) as is_by_bytes,"
        ~ " lower(chr(201)) = chr(233) as has_letters"
    ).rows[0] -%}
    {%- if not (found['is_by_bytes'] and found['has_letters']) -%}
        {%- do exceptions.raise_compiler_error(
            "Engine: the database " ~ target.database ~ " does not "
            ~ ("know small letters beyond ASCII" if found['is_by_bytes']
                else "order texts by their bytes")
            ~ ", so results would differ from those of other engines. Make one with: "
            ~ "create database segmentation template template0 encoding 'UTF8' "
            ~ "lc_collate 'C' lc_ctype 'C.UTF-8'"
        ) -%}
    {%- endif -%}
{%- endmacro %}
