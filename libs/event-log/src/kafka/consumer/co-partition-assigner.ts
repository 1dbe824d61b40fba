import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

/**
 * Gives partition n of every topic to the same member, so that one member has all of a recording. (kafkajs's own
 * assigner deals the topics' partitions out in a row.)
 */
export const coPartitionAssigner: PartitionAssigner = ({ cluster }) => ({
  name: 'RushesCoPartitionAssigner',
  version: 0,

  async assign({ members, topics }) {
    const memberIds = members.map(({ memberId }) => memberId).sort();
    const assignments = memberIds.map((_, index) =>
      Object.fromEntries(
        topics.map((topic) => [
          topic,
          cluster
            .findTopicPartitionMetadata(topic)
            .map(({ partitionId }) => partitionId)
            .filter((partitionId) => partitionId % memberIds.length === index),
        ]),
      ),
    );
    return memberIds.map((memberId, index) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 0,
        assignment: assignments[index]!,
        userData: Buffer.alloc(0),
      }),
    }));
  },

  protocol({ topics }) {
    return {
      name: 'RushesCoPartitionAssigner',
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
    };
  },
});
