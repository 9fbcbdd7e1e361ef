{#
    Where the rules of a segmentation differ from those with which the date before was
    published: a list of dictionaries with as_of_date, previous_as_of_date (texts),
    segmentation and is_provisional. Only segmentations made by rules: one written by
    hand can not be computed on another date. Queries the warehouse.

    Example: {% for change in changed_rules() %}
#}
{% macro changed_rules() -%}
    {%- set changes = [] -%}
    {%- set published = user_segmentation.published_state() -%}
    {%- if published -%}
        {%- set rows = run_query(
            "select dates.as_of_date, dates.previous_as_of_date, dates.is_provisional, "
            ~ "published.segmentation from " ~ ref('int_affected_dates') ~ " as dates "
            ~ "inner join " ~ published ~ " as published "
            ~ "on dates.previous_as_of_date = published.as_of_date "
            ~ "inner join " ~ ref('segmentation_hashes') ~ " as hashes "
            ~ "on published.segmentation = hashes.segmentation "
            ~ "left join " ~ ref('int_due_snapshots') ~ " as due "
            ~ "on published.as_of_date = due.as_of_date "
            ~ "and published.segmentation = due.segmentation "
            ~ "where due.as_of_date is null and published.is_kept "
            ~ "and published.definition_hash <> hashes.definition_hash "
            ~ "order by dates.as_of_date, published.segmentation"
        ).rows -%}
        {%- for row in rows
            if user_segmentation._segmentation_definition(
                'seg_' ~ row['segmentation']
            ) -%}
            {%- do changes.append({
                'as_of_date': row['as_of_date'] | string,
                'previous_as_of_date': row['previous_as_of_date'] | string,
                'is_provisional': row['is_provisional'],
                'segmentation': row['segmentation'],
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(changes) }}
{%- endmacro %}
