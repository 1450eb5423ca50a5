import re,os,subprocess,sys
R='/tmp/wt/stores/server/src/'
M=R+'main/java/dev/milepost/server/store/'; T=R+'test/java/dev/milepost/server/store/'
common={'Inbox':'UpdateQueue','Task':'PendingUpdate','Teller':'ChangePublisher'}
pk={
'engine':dict(common),
'sqlite':dict(common,Checkpointer='SqliteCheckpointer',Completer='SqliteFlusher',Connections='SqliteConnections',CountTable='SqliteCountTable',Database='SqliteDatabase',Failures='SqliteFailures',FileHeader='SqliteFileHeader',Flushed='DurableWatermark',HotJobs='SqliteJobCache',JobNumbers='SqliteJobNumbers',Readers='SqliteReaders',RequestTable='SqliteRequestTable',Schema='SqliteSchema',ServerLock='SqliteLock',WalFile='SqliteWal',Writer='SqliteWriter',Group='SqlGroup'),
'postgres':dict(common,ChangeTable='PostgresChangeTable',CountSlots='PostgresCountSlots',Database='PostgresDatabase',Failures='PostgresFailures',Feed='PostgresFeed',Readers='PostgresReaders',RequestTable='PostgresRequestTable',Writer='PostgresWriter',Group='SqlGroup'),
'redis':dict(common,Commands='RedisWords',Commit='RedisCommit',CountReads='RedisCountReader',Counts='RedisCounts',Failures='RedisFailures',Feed='RedisFeed',Group='RedisGroup',GroupJob='RedisGroupJob',Indexes='RedisIndexes',JobReads='RedisJobReader',Numbers='RedisJobNumbers',PartReads='RedisPartReader',Persistence='RedisPersistence',Reclaimer='RedisJournalReclaimer',Script='RedisScript',Shard='RedisShard',Shards='RedisShards',Snapshot='RedisSnapshot',StoredJob='RedisStoredJob',StreamEntry='RedisStreamEntry',Writer='RedisWriter'),
'sql':dict(common,Group='SqlGroup',GroupJob='SqlGroupJob',Lanes='ListRanges'),
'':dict(),
}
ident={'teller':'publisher','tellers':'publishers','inbox':'queue','completer':'flusher','flushed':'watermark','tell':'publish','tellMissed':'publishMissed','tellStopped':'publishStopped','hotJobs':'cache'}
def sub(text,m,ids):
    out=[]
    for line in text.split('\n'):
        s=line.strip()
        com=s.startswith(('*','/**','//'))
        for a,b in m.items():
            if com: line=re.sub(r'(\{@link #?)'+a+r'\b',r'\g<1>'+b,line)
            else: line=re.sub(r'(?<![\w"])'+a+r'\b',b,line) if not s.startswith('import') else re.sub(r'(dev\.milepost\.server\.store\.\w*\.?)'+a+r';',r'\g<1>'+b+';',line)
        if not com and ids:
            for a,b in ids.items():
                # outside of strings
                parts=re.split(r'("(?:[^"\\]|\\.)*")',line)
                line=''.join(p if i%2 else re.sub(r'\b'+a+r'\b',b,p) for i,p in enumerate(parts))
        out.append(line)
    return '\n'.join(out)
for p,m in pk.items():
    for base in (M,T):
        d=os.path.join(base,p)
        if not os.path.isdir(d): continue
        for f in sorted(os.listdir(d)):
            if not f.endswith('.java'): continue
            path=os.path.join(d,f); t=open(path).read()
            ids=ident if base==M else {}
            n=sub(t,m,ids)
            if n!=t: open(path,'w').write(n)
            b=f[:-5]
            if base==M and b in m:
                if p!='engine' and b in common: continue
                subprocess.check_call(['git','mv',path,os.path.join(d,m[b]+'.java')],cwd=R)
