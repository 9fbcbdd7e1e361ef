{#
    Fails at the start of a run where the engine is not set up as the project needs it,
    and says what to do: on Spark in another time zone than UTC, in which timestamps
    would fall on other days. Returns nothing to execute.

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
