{#
    The instant that a text holds, as a timestamp in UTC, else null: `YYYY-MM-DD`, alone
    or with a time, UTC unless it has an offset. A plain cast would drop the offset
    silently.

    Example: {{ read_timestamp("occurred_at") }}
#}
{% macro read_timestamp(expression) -%}
    {{ return(adapter.dispatch('read_timestamp', 'user_segmentation')(expression)) }}
{%- endmacro %}

{# The patterns of the parts of a time: how it looks, not that there is such a time. #}
{% macro _timestamp_parts() -%}
    {{ return({
        'day': '[0-9]{4}-[0-9]{2}-[0-9]{2}',
        'time': '[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?',
        'offset': '(Z|[+-][0-9]{2}(:?[0-9]{2})?)',
    }) }}
{%- endmacro %}

{# A day, alone or with a time; with an offset never alone. #}
{% macro _timestamp_pattern(has_offset=false) -%}
    {%- set parts = user_segmentation._timestamp_parts() -%}
    {{ return(
        parts.day ~ parts.time ~ parts.offset if has_offset
        else parts.day ~ '(' ~ parts.time ~ ')?'
    ) }}
{%- endmacro %}

{% macro duckdb__read_timestamp(expression) -%}
    {{ return(
        "case when regexp_full_match(" ~ expression ~ ", '"
        ~ user_segmentation._timestamp_pattern() ~ "')"
        ~ " then try_cast(" ~ expression ~ " as timestamp)"
        ~ " when regexp_full_match(" ~ expression ~ ", '"
        ~ user_segmentation._timestamp_pattern(has_offset=true) ~ "')"
        ~ " then timezone('UTC', try_cast(" ~ expression ~ " as timestamptz)) end"
    ) }}
{%- endmacro %}

{#
    There is no cast that fails softly, so the pattern lets through only days and times
    that there are. More than six digits of a second are cut off and not rounded.
#}
{% macro postgres__read_timestamp(expression) -%}
    {%- set leap_year = '([0-9]{2}(0[48]|[2468][048]|[13579][26])'
        ~ '|([02468][048]|[13579][26])00)' -%}
    {%- set day = '(?!0000)([0-9]{4}-('
        ~ '(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])'
        ~ '|(0[469]|11)-(0[1-9]|[12][0-9]|30)'
        ~ '|02-(0[1-9]|1[0-9]|2[0-8]))|' ~ leap_year ~ '-02-29)' -%}
    {%- set time = '[ T](([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?'
        ~ '|24:00(:00([.]0+)?)?)' -%}
    {%- set offset = '(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)' -%}
    {%- set text = "regexp_replace(" ~ expression
        ~ ", '([.][0-9]{6})[0-9]+', '\\1')" -%}
    {{ return(
        "case when " ~ expression ~ " ~ '^" ~ day ~ "(" ~ time ~ ")?$'"
        ~ " then cast(" ~ text ~ " as timestamp)"
        ~ " when " ~ expression ~ " ~ '^" ~ day ~ time ~ offset ~ "$'"
        ~ " then timezone('UTC', cast(" ~ text ~ " as timestamptz)) end"
    ) }}
{%- endmacro %}

{% macro spark__read_timestamp(expression) -%}
    {%- set parts = user_segmentation._timestamp_parts() -%}
    {%- set pattern = '^' ~ parts.day ~ '(' ~ parts.time ~ parts.offset ~ '?)?$' -%}
    {#- Seconds may be missing before an offset, and 24:00 is the next day. -#}
    {%- set text = "regexp_replace(" ~ expression ~ ", "
        ~ user_segmentation.text_literal('^(.{16})([Z+-])') ~ ", "
        ~ user_segmentation.text_literal('$1:00$2') ~ ")" -%}
    {%- set midnight = '^.{10}[ T]24:00(:00([.]0+)?)?([Z+-]|$)' -%}
    {{ return(
        "case when not (" ~ user_segmentation.text_matches(expression, pattern)
        ~ ") then null when " ~ user_segmentation.text_matches(expression, midnight)
        ~ " then try_cast(overlay(" ~ text ~ " placing '00' from 12 for 2)"
        ~ " as timestamp) + interval 1 day"
        ~ " else try_cast(" ~ text ~ " as timestamp) end"
    ) }}
{%- endmacro %}

{#
    As the text of a time with seconds, at most six digits of them, and hours and
    minutes of the offset, which every engine that reads offsets can read.
#}
{% macro _full_timestamp(expression) -%}
    {%- set with_seconds = "regexp_replace(" ~ expression ~ ", "
        ~ user_segmentation.text_literal('([ T][0-9][0-9]:[0-9][0-9])(Z|[+-]|$)')
        ~ ", " ~ user_segmentation.text_literal('\\1:00\\2') ~ ")" -%}
    {%- set with_micros = "regexp_replace(" ~ with_seconds ~ ", "
        ~ user_segmentation.text_literal(
            '([.][0-9][0-9][0-9][0-9][0-9][0-9])[0-9]+'
        ) ~ ", " ~ user_segmentation.text_literal('\\1') ~ ")" -%}
    {%- set with_offset = "regexp_replace(" ~ with_micros ~ ", "
        ~ user_segmentation.text_literal('(:.*[+-][0-9][0-9])$') ~ ", "
        ~ user_segmentation.text_literal('\\1:00') ~ ")" -%}
    {{ return(
        "regexp_replace(" ~ with_offset ~ ", "
        ~ user_segmentation.text_literal('(:.*[+-][0-9][0-9])([0-9][0-9])$') ~ ", "
        ~ user_segmentation.text_literal('\\1:\\2') ~ ")"
    ) }}
{%- endmacro %}

{% macro snowflake__read_timestamp(expression) -%}
    {%- set full = user_segmentation._full_timestamp(expression) -%}
    {{ return(
        "case when "
        ~ user_segmentation.text_matches(
            expression, '^' ~ user_segmentation._timestamp_pattern() ~ '$'
        )
        ~ " then try_cast(" ~ full ~ " as timestamp_ntz) when "
        ~ user_segmentation.text_matches(
            expression,
            '^' ~ user_segmentation._timestamp_pattern(has_offset=true) ~ '$'
        )
        ~ " then cast(convert_timezone('UTC', try_cast(replace(" ~ full
        ~ ", 'Z', '+00:00') as timestamp_tz)) as timestamp_ntz) end"
    ) }}
{%- endmacro %}

{# Without an offset a timestamp of BigQuery is in UTC. #}
{% macro bigquery__read_timestamp(expression) -%}
    {{ return(
        "case when "
        ~ user_segmentation.text_matches(
            expression, '^' ~ user_segmentation._timestamp_pattern() ~ '$'
        )
        ~ " or "
        ~ user_segmentation.text_matches(
            expression,
            '^' ~ user_segmentation._timestamp_pattern(has_offset=true) ~ '$'
        )
        ~ " then safe_cast(" ~ user_segmentation._full_timestamp(expression)
        ~ " as timestamp) end"
    ) }}
{%- endmacro %}
