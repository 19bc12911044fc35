<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model\Event;

use Magento\Framework\HTTP\Client\CurlFactory;

/**
 * Posts a body over http or https. Follows nothing, reads no answer but its status.
 */
class Transport
{
    private const CONNECT_SECONDS = 5;
    private const TOTAL_SECONDS = 10;

    /**
     * @param CurlFactory $curlFactory
     */
    public function __construct(private readonly CurlFactory $curlFactory)
    {
    }

    /**
     * The status of the answer.
     *
     * @param string $url
     * @param array<string, string> $headers
     * @param string $body
     * @param int $seconds at most
     * @return int
     * @throws \Exception no answer
     */
    public function post(string $url, array $headers, string $body, int $seconds = self::TOTAL_SECONDS): int
    {
        $total = max(1, min($seconds, self::TOTAL_SECONDS));
        $client = $this->curlFactory->create();
        // Without Expect no interim answer is taken for the answer's status.
        $client->setHeaders($headers + ['Expect' => '', 'User-Agent' => 'LoyaltyBridge-Magento']);
        $client->setTimeout($total);
        $client->setOptions([
            CURLOPT_CONNECTTIMEOUT => min($total, self::CONNECT_SECONDS),
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            // Some releases want a reason behind the status, which HTTP/2 has not.
            CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
            CURLOPT_NOSIGNAL => true,
            CURLOPT_WRITEFUNCTION => static fn ($handle, string $part): int => strlen($part),
        ]);
        $client->post($url, $body);
        return (int)$client->getStatus();
    }
}
