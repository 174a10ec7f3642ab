-- Reply metrics per agent and day. One sort by buyer and time serves every window.
with lines as (
    select buyer, sent_at, sent_at::date as day, nullif(agent, '') as agent,
        (case sender when 'buyer' then 0 when 'robot' then 1 when 'system' then 2 else 3 end)::tinyint as who
    from read_parquet('{messages}')
),
addressed as materialized (
    select buyer, day, sent_at, who,
        case when who = 0 and agent is null
            then coalesce(last_value(agent ignore nulls) over before, first_value(agent ignore nulls) over after)
            else agent end as agent,
        max(case when who = 1 then sent_at end) over (partition by buyer, day) as last_robot_at
    from lines
    window before as (partition by buyer, day order by sent_at, who rows between unbounded preceding and current row),
        after as (partition by buyer, day order by sent_at, who rows between current row and unbounded following)
),
sides as (
    select *, lag(who) over (partition by buyer, day order by sent_at, who) as side_before
    from addressed where who in (0, 3)
),
turns as (
    select *, lead(sent_at) over turn as next_at, lead(agent) over turn as next_agent, row_number() over turn as nth
    from sides where side_before is distinct from who
    window turn as (partition by buyer, day order by sent_at, who)
),
rounds as materialized (
    select buyer, day, agent, epoch(next_at - sent_at) as wait, next_agent as replier, nth <= 2 as opens_day,
        next_at is null and last_robot_at >= sent_at as robot_only,
        hour(sent_at) between 8 and 22 as in_hours
    from turns where who = 0
),
waits as (
    select day, agent,
        sum(least(coalesce(wait, 600), 600)) filter (in_hours and not coalesce(robot_only, false)) as platform_n,
        count(*) filter (in_hours and not coalesce(robot_only, false)) as platform_d,
        sum(wait) filter (wait < 600) as tool_n, count(*) filter (wait < 600) as tool_d,
        count(*) filter (in_hours and wait <= 180) as quick_n, count(*) filter (in_hours) as quick_d
    from rounds where agent is not null group by day, agent
),
lines_written as (
    select day, agent, count(*) filter (who = 3) as answer_n, count(*) filter (who = 0) as answer_d
    from addressed where agent is not null group by day, agent
),
slow as (
    select day, agent, count(*) as slow_n
    from (
        select day, agent from rounds where wait > 120 and agent is not null
        group by buyer, day, agent having count(*) >= 3
    ) group by day, agent
),
received as (
    select day, agent, count(*) filter (replied_at >= asked_at) as reply_n, count(*) as reply_d
    from (
        select day, agent, min(case when who = 0 then sent_at end) as asked_at,
            max(case when who in (1, 3) then sent_at end) as replied_at
        from addressed where agent is not null and who <> 2 group by buyer, day, agent
    ) where asked_at is not null group by day, agent
),
first_answers as (
    select day, replier as agent, sum(wait) as first_n, count(*) as first_d
    from rounds where opens_day and wait is not null group by day, replier
),
agents as (
    select day, agent, sum(columns(* exclude (day, agent))) from (
        from waits union all by name from lines_written union all by name from slow
        union all by name from received union all by name from first_answers
    ) group by day, agent
)
from agents
