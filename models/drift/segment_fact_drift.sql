{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    meta={'replaces': 'kept_dates'},
) }}
{%- set facts = drift_facts() -%}
{%- set numbers = facts | selectattr('kind', 'eq', 'number') | list -%}
{%- set texts = facts | selectattr('kind', 'eq', 'text') | list -%}
with

comparisons as (
    select * from {{ ref('drift_comparisons') }}
    where {{ only_affected_dates() }}
),

-- A segmentation without thresholds is not judged, so it is not compared either.
limits as (
    select
        segmentation,
        warn_from,
        alert_from
    from {{ ref('drift_limits') }}
    where
        metric = 'fact_population_stability_index'
        and coalesce(warn_from, alert_from) is not null
),

-- Who matches no rule is nobody's audience, and often half of all users.
remainders as (
    select
        segmentation,
        segment
    from {{ ref('segment_definitions') }}
    where
        is_current
        and is_otherwise
),

-- A segment on a date has a number: to join and group every member by it is cheap.
segments as (
    select
        sizes.as_of_date,
        sizes.segmentation,
        sizes.segment,
        sizes.user_count,
        row_number() over (
            order by sizes.as_of_date, sizes.segmentation, sizes.segment
        ) as segment_number
    from {{ ref('segment_sizes') }} as sizes
    inner join limits
        on sizes.segmentation = limits.segmentation
    left join remainders
        on
            sizes.segmentation = remainders.segmentation
            and sizes.segment = remainders.segment
    where
        remainders.segment is null
        and sizes.user_count > 0
        and (
            sizes.as_of_date in (select comparisons.as_of_date from comparisons)
            or sizes.as_of_date in (
                select comparisons.compared_as_of_date from comparisons
            )
        )
),

-- A segment that is empty on one of the dates has no distribution there.
pairs as (
    select
        comparisons.as_of_date,
        comparisons.comparison,
        comparisons.compared_as_of_date,
        segments.segmentation,
        segments.segment,
        segments.segment_number,
        base_segments.segment_number as base_segment_number,
        comparisons.is_current,
        comparisons.is_provisional
    from comparisons
    inner join segments
        on comparisons.as_of_date = segments.as_of_date
    inner join segments as base_segments
        on
            comparisons.compared_as_of_date = base_segments.as_of_date
            and segments.segmentation = base_segments.segmentation
            and segments.segment = base_segments.segment
),

-- Members are put into the bins of the compared date; so are those of that date itself.
binned_segments as (
    select
        segment_number,
        base_segment_number
    from pairs
    {{ set_operator('union') }}
    select
        base_segment_number as segment_number,
        base_segment_number
    from pairs
),

members as (
    select
        segments.segment_number,
        {%- for fact in facts %}
        cast(
            facts.{{ fact.name }} as
            {{ type_double() if fact.kind == 'number' else dbt.type_string() }}
        ) as {{ fact.name }},
        {%- endfor %}
        memberships.user_id
    from segments
    inner join {{ ref('segment_memberships') }} as memberships
        on
            segments.as_of_date = memberships.as_of_date
            and segments.segmentation = memberships.segmentation
            and segments.segment = memberships.segment
    inner join {{ ref('user_facts') }} as facts
        on
            memberships.as_of_date = facts.as_of_date
            and memberships.user_id = facts.user_id
),

-- Means of decimals: a sum of floating numbers hangs on the order of adding, and so
-- does its rounding.
summaries as (
    select
        segment_number,
        {%- for fact in numbers %}
        min({{ fact.name }}) as {{ fact.name }}_minimum,
        cast(
            sum(cast({{ fact.name }} as decimal(28, 6))) as {{ type_double() }}
        ) / nullif(count({{ fact.name }}), 0) as {{ fact.name }}_mean,
        {{ quantiles(fact.name, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) }}
            as {{ fact.name }}_tenths,
        {%- endfor %}
        {%- for fact in facts %}
        count({{ fact.name }}) as {{ fact.name }}_count,
        {%- endfor %}
        count(*) as user_count
    from members
    group by segment_number
),

text_counts as (
    {%- for fact in texts %}
    select
        segment_number,
        {{ text_literal(fact.name) }} as fact,
        {{ fact.name }} as value,
        count(*) as user_count
    from members
    where {{ fact.name }} is not null
    group by
        segment_number,
        {{ fact.name }}
    union all
    {%- endfor %}
    select
        0 as segment_number,
        cast(null as {{ dbt.type_string() }}) as fact,
        cast(null as {{ dbt.type_string() }}) as value,
        0 as user_count
    where false
),

-- The nine most frequent texts have a bin each, all others share the last one.
text_bins as (
    select
        segment_number,
        fact,
        value,
        bin
    from (
        select
            segment_number,
            fact,
            value,
            row_number() over (
                partition by segment_number, fact
                order by user_count desc, value asc
            ) as bin
        from text_counts
    ) as ranked
    where bin <= 9
),

-- The bin is 0 where the fact is not known. Texts come first: what parts the numbers is
-- many columns, which are dear to carry through a join.
text_binned as (
    select
        binned_segments.segment_number,
        binned_segments.base_segment_number,
        {%- for fact in numbers %}
        members.{{ fact.name }},
        {%- endfor %}
        {%- for fact in texts %}
        case
            when members.{{ fact.name }} is null then 0
            else coalesce({{ fact.name }}_bins.bin, 10)
        end as {{ fact.name }},
        {%- endfor %}
        members.user_id
    from binned_segments
    inner join members
        on binned_segments.segment_number = members.segment_number
    {%- for fact in texts %}
    left join text_bins as {{ fact.name }}_bins
        on
            binned_segments.base_segment_number = {{ fact.name }}_bins.segment_number
            and members.{{ fact.name }} = {{ fact.name }}_bins.value
            and {{ fact.name }}_bins.fact = {{ text_literal(fact.name) }}
    {%- endfor %}
),

binned as (
    select
        text_binned.segment_number,
        text_binned.base_segment_number,
        {%- for fact in numbers %}
        {%- set cut_points = [] -%}
        {%- for tenth in range(1, 10) -%}
            {%- do cut_points.append(
                list_element('summaries.' ~ fact.name ~ '_tenths', tenth)
            ) -%}
        {%- endfor %}
        {{ equal_frequency_bin(
            'text_binned.' ~ fact.name,
            'summaries.' ~ fact.name ~ '_minimum',
            cut_points
        ) }} as {{ fact.name }},
        {%- endfor %}
        {%- for fact in texts %}
        text_binned.{{ fact.name }},
        {%- endfor %}
        text_binned.user_id
    from text_binned
    inner join summaries
        on text_binned.base_segment_number = summaries.segment_number
),

-- Who was no member on the compared date has no bin of it.
moves as (
    select
        {%- for fact in facts %}
        binned.{{ fact.name }} as {{ fact.name }}_bin,
        base_binned.{{ fact.name }} as {{ fact.name }}_base_bin,
        {%- endfor %}
        binned.segment_number,
        binned.base_segment_number
    from binned
    left join binned as base_binned
        on
            binned.base_segment_number = base_binned.segment_number
            and binned.base_segment_number = base_binned.base_segment_number
            and binned.user_id = base_binned.user_id
    where binned.segment_number <> binned.base_segment_number
),

move_counts as (
    {%- for fact in facts %}
    select
        segment_number,
        base_segment_number,
        {{ text_literal(fact.name) }} as fact,
        {{ fact.name }}_bin as bin,
        {{ fact.name }}_base_bin as base_bin,
        count(*) as user_count
    from moves
    group by
        segment_number,
        base_segment_number,
        {{ fact.name }}_bin,
        {{ fact.name }}_base_bin
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

base_counts as (
    {%- for fact in facts %}
    select
        base_segment_number,
        {{ text_literal(fact.name) }} as fact,
        {{ fact.name }} as bin,
        count(*) as user_count
    from binned
    where segment_number = base_segment_number
    group by
        base_segment_number,
        {{ fact.name }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

sides as (
    select true as is_now
    union all
    select false as is_now
),

-- What each move and each bin of the compared date adds to the counts of a bin: members
-- of the bin on either date, on both, and those who were or are in the segment.
parts as (
    select
        move_counts.segment_number,
        move_counts.base_segment_number,
        move_counts.fact,
        case when sides.is_now then move_counts.bin else move_counts.base_bin end
            as bin,
        case when sides.is_now then move_counts.user_count else 0 end as user_count,
        0 as compared_user_count,
        case
            when sides.is_now and move_counts.bin = move_counts.base_bin
                then move_counts.user_count
            else 0
        end as kept_user_count,
        case
            when sides.is_now and move_counts.base_bin is not null
                then move_counts.user_count
            else 0
        end as known_user_count,
        case when sides.is_now then 0 else move_counts.user_count end
            as lasting_user_count
    from move_counts
    cross join sides
    where
        sides.is_now
        or move_counts.base_bin is not null
    union all
    select
        binned_segments.segment_number,
        binned_segments.base_segment_number,
        base_counts.fact,
        base_counts.bin,
        0 as user_count,
        base_counts.user_count as compared_user_count,
        0 as kept_user_count,
        0 as known_user_count,
        0 as lasting_user_count
    from base_counts
    inner join binned_segments
        on
            base_counts.base_segment_number = binned_segments.base_segment_number
            and binned_segments.segment_number <> binned_segments.base_segment_number
),

bins as (
    select
        segment_number,
        base_segment_number,
        fact,
        bin,
        sum(user_count) as user_count,
        sum(compared_user_count) as compared_user_count,
        sum(kept_user_count) as kept_user_count,
        sum(known_user_count) as known_user_count,
        sum(lasting_user_count) as lasting_user_count
    from parts
    group by
        segment_number,
        base_segment_number,
        fact,
        bin
),

totals as (
    select
        *,
        sum(user_count) over (partition by segment_number, base_segment_number, fact)
            as total_user_count,
        sum(compared_user_count) over (
            partition by segment_number, base_segment_number, fact
        ) as total_compared_user_count,
        sum(known_user_count) over (
            partition by segment_number, base_segment_number, fact
        ) as total_known_user_count
    from bins
),

-- Of the rate of false alarms on a date each of the two comparisons has a half, divided
-- among all bins of all facts.
measured_bins as (
    select
        pairs.*,
        bins.fact,
        bins.bin,
        bins.total_user_count as user_count,
        bins.total_compared_user_count as compared_user_count,
        bins.user_count / cast(bins.total_user_count as {{ type_double() }}) as share,
        bins.compared_user_count
        / cast(bins.total_compared_user_count as {{ type_double() }}) as base_share,
        sqrt({{ share_change_variance(
            'bins.user_count', 'bins.total_user_count',
            'bins.compared_user_count', 'bins.total_compared_user_count',
            'bins.kept_user_count', 'bins.known_user_count',
            'bins.lasting_user_count', 'bins.total_known_user_count'
        ) }}) as standard_error,
        count(*) over (partition by pairs.as_of_date, pairs.comparison)
            as judged_count
    from pairs
    inner join totals as bins
        on
            pairs.segment_number = bins.segment_number
            and pairs.base_segment_number = bins.base_segment_number
    -- Members of the compared date may not be kept any more.
    where bins.total_compared_user_count > 0
),

scored as (
    select
        measured_bins.*,
        text_bins.value,
        abs(
            {{ change_z_score(
                'measured_bins.share',
                'measured_bins.base_share',
                'measured_bins.standard_error',
            ) }}
        ) as z_score
    from measured_bins
    left join text_bins
        on
            measured_bins.base_segment_number = text_bins.segment_number
            and measured_bins.fact = text_bins.fact
            and measured_bins.bin = text_bins.bin
),

-- Rounded: sums of floating numbers differ with the order of adding.
drifts as (
    select
        as_of_date,
        comparison,
        segmentation,
        segment,
        fact,
        {{ latest(
            "case when z_score > 0 then coalesce(value, case bin when 0 then '(null)' "
            ~ "when 10 then '(other)' end) end",
            ['z_score', 'bin']
        ) }} as most_changed_value,
        max(user_count) as user_count,
        max(compared_user_count) as compared_user_count,
        {{ rounded(
            'sum(' ~ population_stability_index_term('base_share', 'share') ~ ')', 9
        ) }} as population_stability_index,
        {{ rounded('sum(' ~ jensen_shannon_term('base_share', 'share') ~ ')', 9) }}
            as jensen_shannon_divergence,
        max(z_score) as z_score,
        max(judged_count) as judged_count
    from scored
    group by
        as_of_date,
        comparison,
        segmentation,
        segment,
        fact
),

fact_summaries as (
    {%- for fact in facts %}
    select
        segment_number,
        {{ text_literal(fact.name) }} as fact,
        {%- if fact.kind == 'number' %}
        {{ rounded(fact.name ~ '_mean', 6) }} as mean_value,
        {{ rounded(list_element(fact.name ~ '_tenths', 5), 6) }} as median_value,
        {%- else %}
        cast(null as {{ type_double() }}) as mean_value,
        cast(null as {{ type_double() }}) as median_value,
        {%- endif %}
        (user_count - {{ fact.name }}_count)
        / cast(user_count as {{ type_double() }}) as null_share,
        {{ (fact.kind == 'text') | lower }} as is_text
    from summaries
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

noise_floors as (
    select
        *,
        {{ drift_noise_floor('judged_count') }} as noise_floor_z_score
    from drifts
),

judged as (
    select
        *,
        z_score > noise_floor_z_score as is_beyond_noise
    from noise_floors
)

select
    pairs.as_of_date,
    pairs.segmentation,
    pairs.segment,
    judged.fact,
    pairs.comparison,
    pairs.compared_as_of_date,
    {#- The bins of numbers have no names. #}
    case when summaries_now.is_text then judged.most_changed_value end
        as most_changed_value,
    case
        when not judged.is_beyond_noise then 'ok'
        when judged.population_stability_index >= limits.alert_from
            then 'alert'
        when judged.population_stability_index >= limits.warn_from then 'warn'
        else 'ok'
    end as status,
    cast(judged.user_count as bigint) as user_count,
    cast(judged.compared_user_count as bigint) as compared_user_count,
    judged.population_stability_index,
    judged.jensen_shannon_divergence,
    {{ rounded('judged.z_score', 9) }} as z_score,
    {{ rounded('judged.noise_floor_z_score', 9) }} as noise_floor_z_score,
    cast(judged.judged_count as bigint) as judged_count,
    summaries_now.mean_value,
    summaries_base.mean_value as compared_mean_value,
    summaries_now.median_value,
    summaries_base.median_value as compared_median_value,
    summaries_now.null_share,
    summaries_base.null_share as compared_null_share,
    judged.is_beyond_noise,
    pairs.is_current,
    pairs.is_provisional
from judged
inner join pairs
    on
        judged.as_of_date = pairs.as_of_date
        and judged.comparison = pairs.comparison
        and judged.segmentation = pairs.segmentation
        and judged.segment = pairs.segment
inner join fact_summaries as summaries_now
    on
        pairs.segment_number = summaries_now.segment_number
        and judged.fact = summaries_now.fact
inner join fact_summaries as summaries_base
    on
        pairs.base_segment_number = summaries_base.segment_number
        and judged.fact = summaries_base.fact
inner join limits
    on judged.segmentation = limits.segmentation
